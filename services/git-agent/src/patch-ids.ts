import { requireObjectHash } from "./object-hash.ts";
import { readGit, streamGit, type Repository } from "./run-git.ts";

/**
 * The ids that git gives to what commits change (`git patch-id --stable`): the same change, the same id, on whatever commit it
 * stands. By commit; one that changes nothing has none. A merge's is that of its difference to the first parent. Throws a GitError.
 */
export async function patchIdsOf(
  repository: Repository,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (hashes.length === 0) return new Map();
  await repository.bring?.changes(hashes);
  const patches = streamGit(
    repository,
    [
      "diff-tree",
      "--stdin",
      "--patch",
      "-r",
      "--root",
      "--diff-merges=first-parent",
      "--full-index", // a binary file is known by its blobs
      "--no-renames",
      "--no-ext-diff",
      "--no-textconv",
    ],
    hashes.map((hash) => `${requireObjectHash(hash)}\n`),
  );
  return new Map((await idsIn(repository, patches)).map(({ id, commit }) => [commit, id]));
}

/** The same of a patch that stands alone; undefined where the text holds none, or several. Throws a GitError. */
export async function patchIdOf(repository: Repository, patch: string): Promise<string | undefined> {
  const [first, ...others] = await idsIn(repository, [patch]);
  return others.length === 0 ? first?.id : undefined;
}

async function idsIn(repository: Repository, patches: Iterable<string> | AsyncIterable<Buffer>) {
  const lines = (await readGit(repository, ["patch-id", "--stable"], patches)).toString("latin1").split("\n");
  return lines.filter(Boolean).map((line) => {
    const [id = "", commit = ""] = line.split(" ");
    return { id, commit };
  });
}
