import { isAncestor } from "./is-ancestor.ts";
import { missingObjects } from "./missing-objects.ts";
import { isZeroHash } from "./object-hash.ts";
import type { Stretch } from "./branch-tips.ts";
import type { Repository } from "./run-git.ts";

/**
 * How a push stands to where its branch was left.
 * - `next`: the branch goes where the push says
 * - `behind`: the branch has been there, and stays where it is; what the push brought may not have been said
 * - `told`: a tick told of all that the push brought
 */
export type PushPlace = "next" | "behind" | "told";

/** What is known of the branch. */
export interface KnownBranch {
  readonly tip: string | undefined;
  /** What the clock's ticks told of. */
  readonly caughtUp: Stretch | undefined;
}

/**
 * Hooks may tell late, in another order, or of what became a dead letter and is redriven: only what a tick told of is known to have
 * been said. Looks at the repository only where the push does not go on from the tip. Throws a GitError.
 */
export async function placePush(
  repository: Repository,
  push: Stretch,
  { tip, caughtUp }: KnownBranch,
): Promise<PushPlace> {
  if (tip === undefined || tip === push.before) return "next";
  if (caughtUp !== undefined && (await isWithin(repository, push, caughtUp))) return "told";
  return (await leadsTo(repository, push.after, tip)) ? "behind" : "next";
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
