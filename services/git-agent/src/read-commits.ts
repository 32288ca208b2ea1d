import { commitFacts, type CommitFacts } from "./commit-facts.ts";
import { GitError } from "./git-error.ts";
import { measureBlobs } from "./measure-blobs.ts";
import { hasText, measuredCommit, type MeasuredCommit } from "./measured-commit.ts";
import { requireObjectHash } from "./object-hash.ts";
import { COMMIT_FORMAT, parseCommits } from "./parse-commits.ts";
import { readFunctions } from "./read-functions.ts";
import { type Repository, streamGit } from "./run-git.ts";

/**
 * What decides which files a commit changed, and how: the first parent, the empty tree for a root, renames from half the
 * content on, and git's own limit of renames by content (1,000 by 1,000 files; beyond, only equal contents are paired).
 * All as `git show --first-parent` does it without configuration, said here because older gits had other limits.
 */
export const DIFF_OPTIONS = [
  "-r",
  "--root",
  "--diff-merges=first-parent", // `-m --first-parent` would show a merge once for each parent: diff-tree ignores the latter
  "--find-renames=50%",
  "-l1000",
  "--no-ext-diff", // both are diff-tree's default, and too important to leave to it
  "--no-textconv",
] as const;

/**
 * The facts of some commits, in the order asked for. Four git processes a call, however many commits: the changes, the
 * patches of what was modified, and the sizes and contents of the new versions.
 *
 * Memory grows with the files of the largest commit (about 0.5 KiB each) and with the facts returned (at most 220 KiB a
 * commit): ask for slices of some dozens to hundreds.
 *
 * @param hashes full object names of commits
 * @param authorKey the secret that authorId is keyed with
 * @throws GitError `not-found` where a commit, or an object that it needs, is not in the repository
 */
export async function readCommits(
  repository: Repository,
  hashes: readonly string[],
  authorKey: string,
): Promise<CommitFacts[]> {
  if (hashes.length === 0) return [];
  await repository.bring?.changes(hashes);
  const commits = await readChanges(repository, hashes);
  const measuring = measureBlobs(repository, commits.map(blobsToMeasure));
  const naming = readFunctions(repository, commits.filter(hasPatch).map(hashOf), DIFF_OPTIONS);
  await Promise.allSettled([measuring, naming]); // if one fails the other is not left behind
  const measures = await measuring;
  const functions = await naming;
  return commits.map((commit) =>
    commitFacts(commit, { measures, functions: functions.get(commit.hash) ?? [] }, authorKey),
  );
}

async function readChanges(repository: Repository, hashes: readonly string[]): Promise<MeasuredCommit[]> {
  const output = streamGit(
    repository,
    [
      "diff-tree",
      "--stdin",
      "--always",
      "--raw",
      "--numstat",
      "-z",
      "--no-abbrev",
      "--encoding=UTF-8",
      `--format=${COMMIT_FORMAT}`,
      ...DIFF_OPTIONS,
    ],
    hashes.map((hash) => `${requireObjectHash(hash)}\n`),
  );
  const found = new Map<string, MeasuredCommit>();
  for await (const commit of parseCommits(output)) found.set(commit.hash, measuredCommit(commit));
  return hashes.map((hash) => {
    const commit = found.get(hash); // git passes over what is not there without a word
    if (commit) return commit;
    throw new GitError("not-found", `commit ${hash} is not in ${repository.path}; it may be on its way, or lost`);
  });
}

function hashOf(commit: MeasuredCommit): string {
  return commit.hash;
}

function hasPatch(commit: MeasuredCommit): boolean {
  return commit.listed.some((change) => change.patchPosition !== undefined && !change.binary);
}

function blobsToMeasure(commit: MeasuredCommit): string[] {
  return commit.listed.filter(hasText).map((change) => change.blob);
}
