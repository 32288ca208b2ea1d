import type { Clone } from "./clones.ts";
import { fetchInto } from "./fetch-into.ts";
import { GitError } from "./git-error.ts";
import { missingObjects } from "./missing-objects.ts";
import { isZeroHash } from "./object-hash.ts";
import { readRemoteHead } from "./read-remote-branches.ts";
import type { Remote } from "./remote-git.ts";
import { readGit, type Repository } from "./run-git.ts";

/** The commits that a push is read by. */
export interface WantedCommits {
  readonly after: string;
  /** Zeros for a new branch. */
  readonly before: string;
  /** Tips of other branches. */
  readonly knownTips: readonly string[];
}

/** About 300 bytes for each that the repository has, at the first time. */
const COMMITS_ONLY = "tree:0";

/**
 * Brings a push's commits into a clone, with everything that they reach, for only so it can be told which of them are new, and whether a
 * branch was rewritten; and where the remote's HEAD points. Asks nothing of the remote where all of them are there. What the remote does
 * not have stays missing. Throws a GitError.
 */
export async function fetchCommits(
  clone: Clone,
  remote: Remote,
  { after, before, knownTips }: WantedCommits,
  signal: AbortSignal,
): Promise<void> {
  const repository = { path: clone.path, signal };
  const wanted = [after, before, ...knownTips].filter((hash) => !isZeroHash(hash));
  const missing = () =>
    missingObjects(
      repository,
      wanted.filter((hash) => !clone.gone.has(hash)),
    );
  const fetches = clone.fetches;
  if ((await missing()).length === 0) return;
  await clone.alone(signal, async () => {
    // Another job may have brought them while this one waited.
    if (clone.fetches !== fetches && (await missing()).length === 0) return;
    await fetchBranches(clone, remote, signal);
    for (const hash of await missing()) {
      const isThere = (hash === after || hash === before) && (await fetchIfThere(clone, remote, hash, signal));
      if (!isThere && hash !== after) clone.gone.add(hash);
    }
  });
}

async function fetchBranches(clone: Clone, remote: Remote, signal: AbortSignal): Promise<void> {
  const repository = { path: clone.path, signal };
  const asking = readRemoteHead(remote, repository);
  const order = { filter: COMMITS_ONLY, refspecs: ["+refs/heads/*:refs/heads/*"] } as const;
  const fetching = fetchInto(clone, remote, order, { signal });
  await Promise.allSettled([asking, fetching]); // if one fails the other is not left behind
  await fetching;
  const head = await asking;
  if (head !== undefined) await pointHead(repository, head);
}

const pointHead = (repository: Repository, head: string) => readGit(repository, ["symbolic-ref", "HEAD", head]);

/** What a forced push took off its branch, or a later one has: hosts of repositories still have it, under its name alone. */
async function fetchIfThere(clone: Clone, remote: Remote, hash: string, signal: AbortSignal): Promise<boolean> {
  try {
    await fetchInto(clone, remote, { filter: COMMITS_ONLY, refspecs: [hash] }, { signal });
    return true;
  } catch (error) {
    if (error instanceof GitError && error.code === "not-found") return false;
    throw error;
  }
}
