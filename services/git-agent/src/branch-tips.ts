import { collection } from "@contextpilot/messaging";
import * as z from "zod";
import { isZeroHash } from "./object-hash.ts";

/** Branches remembered of a repository: those pushed last. One forgotten may bring its commits as new once more. */
export const REMEMBERED_BRANCHES = 2000;
/** Branches whose catching up is remembered: those caught up with last. */
const REMEMBERED_CATCH_UPS = 100;

const stretch = z.object({ before: z.string(), after: z.string() });
const schema = z.object({
  branches: z.record(z.string(), z.string()).default({}),
  caughtUp: z.record(z.string(), stretch).optional(),
});

/** From where to where a branch moved. */
export type Stretch = z.output<typeof stretch>;

/**
 * Where a repository's branches stood after the last push that was read: by ref, the one pushed last at the end. And which way was
 * told of by a tick or a later push, with what hooks told of right behind it, so that a hook that tells of a part of it later is known.
 */
export type BranchTips = z.output<typeof schema>;

export const branchTips = collection("tips", schema);

/** The tips of all other branches: what they reach is not new to the repository. */
export function otherTips({ branches }: BranchTips, ref: string): readonly string[] {
  const others = Object.entries(branches).flatMap(([branch, tip]) => (branch === ref ? [] : [tip]));
  return [...new Set(others)];
}

/** The tips after a push: the branch stands at `after`, or is gone. */
export function movedTo({ branches, ...rest }: BranchTips, ref: string, after: string): BranchTips {
  const others = Object.entries(branches).filter(([branch]) => branch !== ref);
  const moved = isZeroHash(after) ? others : [...others, [ref, after] as const];
  return { ...rest, branches: Object.fromEntries(moved.slice(-REMEMBERED_BRANCHES)) };
}

/** The tips after a push that its hook told of. What goes on from where a branch was caught up with belongs to that stretch: it was said as well. */
export function wentOn(tips: BranchTips, ref: string, { before, after }: Stretch): BranchTips {
  const moved = movedTo(tips, ref, after);
  const last = tips.caughtUp?.[ref];
  if (last?.after !== before) return moved;
  return { ...moved, caughtUp: { ...tips.caughtUp, [ref]: { before: last.before, after } } };
}

/** The tips after a push that was told of without all of its hooks. One that goes on from the last lengthens it. */
export function caughtUpTo(tips: BranchTips, ref: string, { before, after }: Stretch): BranchTips {
  const { [ref]: last, ...others } = tips.caughtUp ?? {};
  const whole: Stretch = { before: last?.after === before ? last.before : before, after };
  const caughtUp = [...Object.entries(others), [ref, whole] as const].slice(-REMEMBERED_CATCH_UPS);
  return { ...movedTo(tips, ref, after), caughtUp: Object.fromEntries(caughtUp) };
}
