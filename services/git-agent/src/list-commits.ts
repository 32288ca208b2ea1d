import { GitError } from "./git-error.ts";
import { isAncestor } from "./is-ancestor.ts";
import { isZeroHash, requireObjectHash } from "./object-hash.ts";
import { readGit, type Repository, streamGit } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

/** What moved, as the push says it. */
export interface PushedRef {
  /** `refs/heads/main`; it is only looked at, git never sees it. */
  readonly ref: string;
  /** The tip before, zeros for a new branch. */
  readonly before: string;
  /** The tip after, zeros for a deleted branch. */
  readonly after: string;
  /** The tips of all other branches, as far as known; what is not in the repository is passed over. */
  readonly knownTips: readonly string[];
}

export interface PushedCommit {
  readonly hash: string;
  /** Reachable neither from `before` nor from any known tip: no branch had brought it. */
  readonly newToRepository: boolean;
}

export interface CommitSlice {
  /** Parents before children. */
  readonly commits: readonly PushedCommit[];
  /** Of the whole push. */
  readonly total: number;
  /** The branch was rewritten: `before` is no ancestor of `after`, or is not there any more. */
  readonly forced: boolean;
  /** It is forced, and what the branch was before is still there to be compared with. */
  readonly rewrote?: true;
  /** Where the next slice begins; absent after the last. */
  readonly nextOffset?: number;
}

/**
 * The commits that a push brought to a branch, a slice of them.
 * - an update, forced or not: reachable from `after`, not from `before`
 * - a new branch, or `before` not in the repository: reachable from `after`, not from any known tip
 * - a deleted branch, a tag, any other ref: none
 *
 * The same repository and arguments give the same list in each slice, so keep `knownTips` with the cursor. Every slice
 * walks the whole list (0.5 to 1.2 s for 100,000 commits) and keeps only its own part of it.
 *
 * @throws GitError `not-found` where `after` is not in the repository (yet)
 */
export async function listCommits(
  repository: Repository,
  push: PushedRef,
  slice: { readonly offset: number; readonly limit: number },
): Promise<CommitSlice> {
  if (!push.ref.startsWith("refs/heads/") || isZeroHash(push.after)) return { commits: [], total: 0, forced: false };
  const { beforeExists, knownTips } = await existingCommits(repository, push);
  const forced = beforeExists ? !(await isAncestor(repository, push.before, push.after)) : !isZeroHash(push.before);

  const seen = beforeExists ? [push.before] : knownTips;
  const { hashes, total } = await pickCommits(repository, push.after, seen, slice);
  const fresh =
    beforeExists && knownTips.length > 0
      ? await reachedWithout(repository, push.after, [...seen, ...knownTips], hashes)
      : new Set(hashes);

  const end = slice.offset + hashes.length;
  return {
    commits: hashes.map((hash) => ({ hash, newToRepository: fresh.has(hash) })),
    total,
    forced,
    ...(forced && beforeExists && { rewrote: true }),
    ...(end < total && hashes.length > 0 && { nextOffset: end }),
  };
}

async function existingCommits(repository: Repository, push: PushedRef) {
  const before = isZeroHash(push.before) ? [] : [push.before];
  const asked = [push.after, ...before, ...push.knownTips.filter((tip) => !isZeroHash(tip))];
  const answers = await readGit(repository, ["cat-file", "--batch-check"], lines(asked.map(requireObjectHash)));
  const commits = new Set<string>();
  for (const answer of answers.toString("latin1").split("\n")) {
    const [hash = "", type] = answer.split(" ");
    if (type === "commit") commits.add(hash);
  }
  if (!commits.has(push.after)) {
    throw new GitError("not-found", `commit ${push.after} is not in ${repository.path}; it may be on its way, or lost`);
  }
  return { beforeExists: commits.has(push.before), knownTips: push.knownTips.filter((tip) => commits.has(tip)) };
}

/** The slice of the commits reachable from `after` and not from `seen`, oldest first. */
async function pickCommits(
  repository: Repository,
  after: string,
  seen: readonly string[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ hashes: string[]; total: number }> {
  const hashes: string[] = [];
  let total = 0;
  for await (const hash of revList(repository, ["--topo-order", "--reverse"], after, seen)) {
    if (total >= offset && hashes.length < limit) hashes.push(hash);
    total++;
  }
  return { hashes, total };
}

/** Which of the hashes are reachable from `after` and not from `seen`. */
async function reachedWithout(
  repository: Repository,
  after: string,
  seen: readonly string[],
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  const asked = new Set(hashes);
  const reached = new Set<string>();
  for await (const hash of revList(repository, [], after, seen)) if (asked.has(hash)) reached.add(hash);
  return reached;
}

async function* revList(repository: Repository, order: readonly string[], after: string, seen: readonly string[]) {
  const output = streamGit(
    repository,
    ["rev-list", ...order, "--stdin"],
    lines([after, ...seen.map((tip) => `^${tip}`)]),
  );
  for await (const line of splitTokens(output, NEWLINE, 128)) yield line.toString("latin1");
}

const NEWLINE = 10;

function* lines(revisions: Iterable<string>): Generator<string> {
  for (const revision of revisions) yield `${revision}\n`;
}
