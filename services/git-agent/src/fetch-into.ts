import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clone } from "./clones.ts";
import { GitError } from "./git-error.ts";
import { remoteEnvironment, remoteFailure, type GitSettings, type Remote } from "./remote-git.ts";
import { readGit } from "./run-git.ts";

/** What one fetch may bring, at most: a larger one is of a repository that this is not made for. */
const LARGEST_FETCH_BYTES = 1024 ** 3;
/** Of what is free on the volume: the rest is for the pack's index. */
const SHARE_OF_FREE = 0.8;
const LOOK_EVERY_MS = 200;
/** Branches that are gone go first, or a/b could not come where a was. */
const OPTIONS = ["--quiet", "--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
/** The job's own end comes before: it is told by the signal. */
const TIME_LIMIT_MS = 110_000;

/** What is fetched. */
export interface FetchOrder {
  /** Which of the objects that are reached come along: `tree:0` commits alone, `blob:none` no files. */
  readonly filter: "tree:0" | "blob:none";
  /** Branches, and objects by their names. */
  readonly refspecs: readonly string[];
  /** Settings for this fetch alone. */
  readonly settings?: GitSettings;
}

export interface FetchLimits {
  readonly signal: AbortSignal;
  /** Default 1 GiB, or less where the volume has less. */
  readonly limitBytes?: number;
}

/**
 * One `git fetch` of a clone's remote, stopped where it takes too long or too much room. No submodules, no tags, and what is written down
 * of the remote is nothing but its objects and branches. Whoever calls holds the clone alone.
 *
 * @throws GitError, or the signal's reason
 */
export async function fetchInto(
  clone: Clone,
  remote: Remote,
  { filter, refspecs, settings }: FetchOrder,
  { signal, limitBytes = LARGEST_FETCH_BYTES }: FetchLimits,
): Promise<void> {
  const packs = join(clone.path, "objects", "pack");
  const allowed = Math.min(limitBytes, SHARE_OF_FREE * (await freeBytes(clone.path)));
  const before = await sizeOf(packs);
  const full = new AbortController();
  const look = async (): Promise<void> => {
    if ((await sizeOf(packs)) - before > allowed) full.abort(tooLarge(remote, allowed));
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  try {
    await readGit(
      {
        path: clone.path,
        signal: AbortSignal.any([signal, full.signal]),
        timeLimitMs: TIME_LIMIT_MS,
        environment: remoteEnvironment(remote, settings),
        failureOf: (where, complaint) => remoteFailure(remote, where, complaint),
      },
      ["fetch", ...OPTIONS, `--filter=${filter}`, "--stdin", "origin"],
      refspecs.map((refspec) => `${refspec}\n`),
    );
    await look();
    full.signal.throwIfAborted();
  } catch (error) {
    clone.isSpoiled ||= !leavesWhole(error);
    throw error;
  } finally {
    clearInterval(timer);
    clone.fetches++;
  }
}

/** Git ended by itself, having said why: it has taken its locks along. */
function leavesWhole(error: unknown): boolean {
  return error instanceof GitError && ["not-found", "remote-refused", "remote-failed"].includes(error.code);
}

function tooLarge({ url }: Remote, bytes: number): GitError {
  const mebibytes = Math.floor(bytes / 1024 ** 2);
  const remedy = "give GIT_FOLDER a larger volume, or take the repository off GIT_REPOSITORIES";
  return new GitError(
    "too-large",
    `git fetch from ${url} brought more than ${mebibytes} MiB and was stopped: ${remedy}`,
  );
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Packs, and the one that is being written. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  // Git gives a pack its name while we look.
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
