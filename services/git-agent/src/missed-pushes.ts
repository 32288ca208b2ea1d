import { collection } from "@contextpilot/messaging";
import * as z from "zod";
import { REMEMBERED_BRANCHES, type BranchTips } from "./branch-tips.ts";
import type { Branches } from "./read-branches.ts";

/** Branches of a repository that may be noted at once; the others have their turn when some of these have caught up. */
const NOTED_BRANCHES = 500;

const noted = z.object({
  /** The known tip, which the branch has left. */
  before: z.string(),
  /** Where a push was said to have moved it, if one was. */
  told: z.string().optional(),
  /** The same was said a second time, under another key. */
  again: z.boolean().optional(),
});
const schema = z.object({ branches: z.record(z.string(), noted).default({}) });

/** The branches of a repository that stood elsewhere than is known when the clock last ticked: by ref. */
export type Lagging = z.output<typeof schema>;
type Noted = z.output<typeof noted>;

export const laggingBranches = collection("lagging", schema);

/** A push that nobody told of. */
export interface MissedPush {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  /** The same push was said at an earlier tick and moved nothing: this one needs an identity of its own. */
  readonly again: boolean;
}

export interface Known {
  readonly tips: BranchTips;
  readonly lagging: Lagging;
  /** Where the branches stood when the repository began to be followed, if that is known. */
  readonly first: readonly string[] | undefined;
}

/**
 * Which pushes were missed, as the branches stand now, and what to note for the next tick. Pure.
 *
 * A branch that has left its known tip is noted at the first tick, and said at the second, if its tip is still the same: a push
 * that is just being told or waits its turn is not a missed one. Where what was said moves nothing (a branch that goes
 * A, B, A, B says the same push twice, and the second is dropped as a repetition), it is said once more as a push of its own, and
 * then no more: what fails then is a dead letter for people.
 *
 * @param limit pushes said, at most; the others are said at a later tick
 */
export function missedPushes(
  branches: Branches,
  known: Known,
  limit: number,
): { readonly pushes: readonly MissedPush[]; readonly lagging: Lagging } {
  const pushes: MissedPush[] = [];
  const next: [string, Noted][] = [];
  for (const { ref, before, after } of movedBranches(branches, known).slice(0, NOTED_BRANCHES)) {
    const last = known.lagging.branches[ref];
    const push = last?.before === before ? missedPush(ref, last, after) : undefined;
    if (push === undefined || pushes.length >= limit) {
      next.push([ref, last?.before === before ? last : { before }]);
      continue;
    }
    pushes.push(push);
    next.push([ref, { before, told: after, again: push.again }]);
  }
  return { pushes, lagging: { branches: Object.fromEntries(next) } };
}

function missedPush(ref: string, { before, told, again }: Noted, after: string): MissedPush | undefined {
  if (told === after && again === true) return undefined;
  return { ref, before, after, again: told === after };
}

type Moved = Omit<MissedPush, "again">;

/** Those that were noted before first, and what is gone last: so each has its turn. */
function movedBranches(branches: Branches, { tips, lagging, first }: Known): readonly Moved[] {
  const knows = knowsNewBranches(tips, first);
  const moved: Moved[] = [];
  for (const [ref, after] of branches) {
    const tip = tips.branches[ref];
    if (tip === after) continue;
    if (tip === undefined && (!knows || first?.includes(after) === true)) continue;
    moved.push({ ref, before: tip ?? zerosLike(after), after });
  }
  for (const [ref, tip] of Object.entries(tips.branches)) {
    if (!branches.has(ref)) moved.push({ ref, before: tip, after: zerosLike(tip) });
  }
  const isNoted = ({ ref }: Moved): boolean => Object.hasOwn(lagging.branches, ref);
  return [...moved.filter(isNoted), ...moved.filter((each) => !isNoted(each))];
}

/** A branch without a known tip is new only where all are remembered: of more than that, nobody knows which were forgotten. */
function knowsNewBranches({ branches }: BranchTips, first: readonly string[] | undefined): boolean {
  return first !== undefined && Math.max(first.length, Object.keys(branches).length) < REMEMBERED_BRANCHES;
}

const zerosLike = (hash: string): string => "0".repeat(hash.length);
