import { StartError } from "@contextpilot/agent-host";
import { CommandError } from "../commands/command-error.ts";
import { runGit } from "../demo/run-git.ts";

/** A part of the default branch's history: what its commit `after` reaches, and `before` does not. */
export interface HistorySlice {
  /** Zeros where it begins with the first commit. */
  readonly before: string;
  readonly after: string;
}

/** The default branch's history from a time on. */
export interface History {
  /** As pushes name the branch: `refs/heads/main`. */
  readonly ref: string;
  /** Of all slices. */
  readonly commits: number;
  /** The oldest first, each beginning where the one before ends. */
  readonly slices: readonly HistorySlice[];
}

/** Commits of the first-parent chain in a slice; what they merged comes on top. */
const SLICE = 100;
/** What is older is not imported: a branch of more has been going for decades. */
const MOST = 100_000;

/**
 * Cuts the history of the default branch along its first parents. Where a slice ends follows from the branch's first commit, so that
 * who reads it again, from another day on or with newer commits, gets the same slices but for the first and the last. Reads names
 * alone, however long the history. Throws a CommandError.
 *
 * @param since as `git rev-list` takes it: `90 days ago`
 */
export async function readHistory(
  { gitFolder, remote }: { readonly gitFolder: string; readonly remote?: string | undefined },
  since: string,
): Promise<History> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await runGit(gitFolder, args, { usersOwn: true }).catch(asCommandError)).trim();
  const branch = await defaultBranch(gitFolder, remote);
  const ref = `refs/heads/${branch}`;
  const tracked = remote === undefined ? ref : `refs/remotes/${remote}/${branch}`;
  const tip = await git("for-each-ref", "--format=%(objectname)", tracked);
  if (tip === "") return { ref, commits: 0, slices: [] };

  const listed = await git("rev-list", "--first-parent", `--since=${since}`, `--max-count=${MOST}`, tip);
  const chain = listed.split("\n").filter(Boolean).toReversed();
  const [oldest] = chain;
  if (oldest === undefined) return { ref, commits: 0, slices: [] };
  const [, parent = "0".repeat(tip.length)] = (await git("rev-list", "--parents", "--max-count=1", oldest)).split(" ");
  const length = Number(await git("rev-list", "--first-parent", "--count", tip));
  const commits = Number(await git("rev-list", "--count", tip, ...excluded(parent)));
  return { ref, commits, slices: slicesOf(chain, parent, length - chain.length) };
}

/** How many commits a slice brings. Throws a CommandError. */
export async function countCommits(gitFolder: string, { before, after }: HistorySlice): Promise<number> {
  const counting = runGit(gitFolder, ["rev-list", "--count", after, ...excluded(before)], { usersOwn: true });
  return Number(await counting.catch(asCommandError));
}

function slicesOf(chain: readonly string[], parent: string, older: number): readonly HistorySlice[] {
  const slices: HistorySlice[] = [];
  let before = parent;
  for (const [index, after] of chain.entries()) {
    if ((older + index + 1) % SLICE !== 0 && index < chain.length - 1) continue;
    slices.push({ before, after });
    before = after;
  }
  return slices;
}

/** The branch that others get when they clone; of a clone, that of the remote it follows. */
async function defaultBranch(gitFolder: string, remote: string | undefined): Promise<string> {
  const head = `refs/remotes/${remote}/HEAD`;
  const followed =
    remote === undefined
      ? ""
      : await runGit(gitFolder, ["for-each-ref", "--format=%(symref)", head], { usersOwn: true });
  if (followed.trim() !== "") return followed.trim().slice(`refs/remotes/${remote}/`.length);
  try {
    const own = await runGit(gitFolder, ["symbolic-ref", "HEAD"], { usersOwn: true });
    return own.trim().slice("refs/heads/".length);
  } catch (cause) {
    const remedy =
      remote === undefined ? "git symbolic-ref HEAD refs/heads/main" : `git remote set-head ${remote} --auto`;
    throw new CommandError(`its default branch is not known, whose history would be imported: name it by ${remedy}`, {
      cause,
    });
  }
}

const excluded = (before: string): readonly string[] => (/^0+$/.test(before) ? [] : [`^${before}`]);

function asCommandError(error: unknown): never {
  throw error instanceof StartError ? new CommandError(error.message, { cause: error }) : error;
}
