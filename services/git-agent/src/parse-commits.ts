import { GitError } from "./git-error.ts";
import { splitTokens } from "./split-tokens.ts";

/** One line of git's raw diff with its numstat counts. Paths are bytes, one character a byte (latin1). */
export interface RawChange {
  /** git's letter: A, M, D, R, T */
  readonly status: string;
  readonly mode: string;
  /** The new version's blob (or, for a submodule, commit). */
  readonly blob: string;
  readonly path: string;
  readonly previousPath: string | undefined;
  linesAdded: number;
  linesRemoved: number;
  binary: boolean;
}

/** A commit as git prints it, with every changed file against its first parent, in git's order. */
export interface RawCommit {
  readonly hash: string;
  readonly parents: readonly string[];
  readonly email: string;
  /** Seconds since 1970. */
  readonly committedAt: number;
  readonly message: Buffer;
  readonly changes: readonly RawChange[];
}

/** The order in which parseCommits expects a commit's fields, each ended by NUL; the first word tells it from a change. */
export const COMMIT_FORMAT = "commit %H%x00%P%x00%ae%x00%ct%x00%B%x00";

const LONGEST_TOKEN_BYTES = 64 * 1024;

/**
 * Reads `git diff-tree --stdin --raw --numstat -z --format=COMMIT_FORMAT`, one commit at a time. Of a message 64 KiB are
 * kept. Memory grows with the files of one commit, not with the number of commits.
 *
 * @throws GitError `failed` where the output is not of this form
 */
export async function* parseCommits(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawCommit, void, undefined> {
  const tokens = splitTokens(chunks, 0, LONGEST_TOKEN_BYTES);
  const next = async () => {
    const { value, done } = await tokens.next();
    if (done) throw new GitError("failed", "git's list of changes ends in the middle of a commit");
    return value;
  };
  let commit: { raw: RawCommit; changes: RawChange[]; counted: number } | undefined;

  for await (const token of tokens) {
    const record = token.toString("latin1").trimStart(); // git puts a newline before the first change
    if (record === "") continue;
    if (record.startsWith("commit ")) {
      if (commit) yield commit.raw;
      commit = await readHeader(record.slice("commit ".length), next);
    } else if (!commit) {
      throw new GitError("failed", `git's list of changes begins with ${JSON.stringify(record.slice(0, 80))}`);
    } else if (record.startsWith(":")) {
      commit.changes.push(await readChange(record, next));
    } else {
      commit.counted = await readCounts(record, next, commit.changes, commit.counted);
    }
  }
  if (commit) yield commit.raw;
}

type Next = () => Promise<Buffer>;

async function readHeader(hash: string, next: Next) {
  const parents = (await next()).toString("latin1").split(" ").filter(Boolean);
  const email = (await next()).toString();
  const committedAt = Number((await next()).toString("latin1"));
  const changes: RawChange[] = [];
  const message = Buffer.from(await next()); // a copy: the token is a window on a larger chunk
  return { raw: { hash, parents, email, committedAt, message, changes }, changes, counted: 0 };
}

/** `:100644 100644 <old> <new> R082` NUL old path NUL new path; without the old path where nothing was renamed. */
async function readChange(record: string, next: Next): Promise<RawChange> {
  const [, mode, , blob, letter] = record.split(" ");
  if (!mode || !blob || !letter) throw new GitError("failed", `git's raw diff has the line ${JSON.stringify(record)}`);
  const status = letter.charAt(0);
  const first = (await next()).toString("latin1");
  const second = status === "R" || status === "C" ? (await next()).toString("latin1") : undefined;
  const [path, previousPath] = second === undefined ? [first, undefined] : [second, first];
  return { status, mode, blob, path, previousPath, linesAdded: 0, linesRemoved: 0, binary: false };
}

/**
 * `1 TAB 2 TAB path`, or for a rename `1 TAB 2 TAB` NUL old path NUL new path; `-` counts what is binary. Git prints the
 * counts in the order of the raw lines, and leaves out a file in which nothing changed: its counts stay 0.
 *
 * @returns the place from which the next count is looked for
 */
async function readCounts(record: string, next: Next, changes: readonly RawChange[], from: number): Promise<number> {
  const counts = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(record);
  if (!counts) throw new GitError("failed", `git's numstat has the line ${JSON.stringify(record.slice(0, 80))}`);
  const [, added, removed, inline] = counts;
  if (inline === "") await next();
  const path = inline === "" ? (await next()).toString("latin1") : inline;

  let at = from;
  while (at < changes.length && changes[at]?.path !== path) at++;
  const change = changes[at];
  if (!change) throw new GitError("failed", `git's numstat counts ${JSON.stringify(path)}, which its raw diff has not`);
  change.binary = added === "-";
  change.linesAdded = change.binary ? 0 : Number(added);
  change.linesRemoved = change.binary ? 0 : Number(removed);
  return at + 1;
}
