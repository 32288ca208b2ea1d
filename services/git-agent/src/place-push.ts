import { isAncestor } from "./is-ancestor.ts";
import { missingObjects } from "./missing-objects.ts";
import { isZeroHash } from "./object-hash.ts";
import type { Stretch } from "./branch-tips.ts";
import type { Repository } from "./run-git.ts";

/**
 * How a push stands to where its branch was left.
 * - `next`: the branch goes where the push says
 * - `behind`: the branch has been there, and stays where it is; what the push brought may not have been said
 * - `told`: all that it brought was said when a tick, or a later push, told of it
 */
export type PushPlace = "next" | "behind" | "told";

/** What is known of the branch. */
export interface KnownBranch {
  readonly tip: string | undefined;
  /** What was told of without its own hooks. */
  readonly caughtUp: Stretch | undefined;
  /** Of a push that a tick told of: where the branch had been left then. It may come late, and the branch be further on. */
  readonly leftAt?: string | undefined;
}

export interface PlacedPush {
  readonly place: PushPlace;
  /** Where the branch was left, if the push begins further on: nobody has told of the way between. */
  readonly missedFrom?: string;
}

/**
 * Hooks may tell late, in another order, not at all, or of what became a dead letter and is redriven. A push that begins further on than the branch was
 * left says what lies between too; that much is noted, and whoever tells of it later says nothing. What else the tip reaches may not have been said. Looks
 * at the repository only where the push does not go on from the tip. Throws a GitError.
 */
export async function placePush(
  repository: Repository,
  push: Stretch,
  { tip, caughtUp, leftAt }: KnownBranch,
): Promise<PlacedPush> {
  const { before, after } = push;
  if (tip === undefined) return { place: "next" };
  if (leftAt !== undefined && leftAt !== tip && (await leadsTo(repository, after, tip))) return { place: "told" };
  if (tip === before) return { place: "next" };
  if (caughtUp !== undefined && (await isWithin(repository, push, caughtUp))) return { place: "told" };
  if (await leadsTo(repository, after, tip)) return { place: "behind" };
  const isAhead = (await leadsTo(repository, tip, before)) && (await leadsTo(repository, before, after));
  return { place: "next", ...(isAhead && { missedFrom: tip }) };
}

async function isWithin(repository: Repository, push: Stretch, whole: Stretch): Promise<boolean> {
  if (!(await leadsTo(repository, push.after, whole.after))) return false;
  return isZeroHash(whole.before) || leadsTo(repository, whole.before, push.before);
}

/** Whether both are there, and the one is the other or reached by it. */
async function leadsTo(repository: Repository, from: string, to: string): Promise<boolean> {
  if (isZeroHash(from) || isZeroHash(to)) return false;
  return (await missingObjects(repository, [from, to])).length === 0 && isAncestor(repository, from, to);
}
