import type { Clone } from "./clones.ts";
import { fetchInto } from "./fetch-into.ts";
import { missingObjects } from "./missing-objects.ts";
import { isZeroHash, requireObjectHash } from "./object-hash.ts";
import type { Remote } from "./remote-git.ts";
import { streamGit, type Repository } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

const NEWLINE = 10;
const SUBMODULE = "160000";

/**
 * Brings the trees of commits and of their first parents into a clone, and then the contents that differ between them: two requests,
 * however many commits and files, where git alone would ask once for each commit. Throws a GitError.
 */
export async function fetchChanges(
  clone: Clone,
  remote: Remote,
  commits: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const repository = { path: clone.path, signal };
  const fresh = commits.filter((hash) => !clone.changes.has(hash));
  if (fresh.length === 0) return;
  await fetchObjects(clone, remote, await treesOf(repository, fresh), signal);
  await fetchObjects(clone, remote, await changedBlobs(repository, fresh), signal);
  for (const hash of fresh) clone.changes.add(hash);
}

/** Brings contents into a clone by their names. Throws a GitError. */
export const fetchBlobs = fetchObjects;

async function fetchObjects(
  clone: Clone,
  remote: Remote,
  hashes: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  const asked = [...hashes];
  const missing = () => missingObjects({ path: clone.path, signal }, asked);
  const fetches = clone.fetches;
  const before = await missing();
  if (before.length === 0) return;
  await clone.alone(signal, async () => {
    // Another job may have brought some while this one waited.
    const absent = clone.fetches === fetches ? before : await missing();
    if (absent.length > 0) await fetchInto(clone, remote, { ...BY_NAME, refspecs: absent }, { signal });
  });
}

/** With a tree comes all of it but the files. Nothing is said of what is here already: it would be commits, and they are here without trees. */
const BY_NAME = { filter: "blob:none", settings: { "fetch.negotiationAlgorithm": "noop" } } as const;

async function treesOf(repository: Repository, commits: readonly string[]): Promise<Set<string>> {
  const own = await readTrees(repository, commits);
  const first = await readTrees(repository, [...new Set(own.flatMap(({ parent }) => parent ?? []))]);
  return new Set([...own, ...first].map(({ tree }) => tree));
}

async function readTrees(repository: Repository, commits: readonly string[]) {
  const trees: { readonly tree: string; readonly parent: string | undefined }[] = [];
  if (commits.length === 0) return trees;
  const lines = commits.map((hash) => `${requireObjectHash(hash)}\n`);
  const output = streamGit(repository, ["rev-list", "--no-walk=unsorted", "--format=%T %P", "--stdin"], lines);
  for await (const line of splitTokens(output, NEWLINE, 4096)) {
    const [tree = "", parent] = line.toString("latin1").split(" ");
    if (tree !== "commit") trees.push({ tree, parent: parent === "" ? undefined : parent });
  }
  return trees;
}

/** Before and after: a rename is found by what it was, and a patch needs both. Submodules have no content here. */
async function changedBlobs(repository: Repository, commits: readonly string[]): Promise<Set<string>> {
  const output = streamGit(
    repository,
    [
      "diff-tree",
      "--stdin",
      "--no-commit-id",
      "--raw",
      "-z",
      "--no-abbrev",
      "-r",
      "--root",
      "--diff-merges=first-parent",
      "--no-renames",
    ],
    commits.map((hash) => `${requireObjectHash(hash)}\n`),
  );
  const blobs = new Set<string>();
  let isPath = false;
  for await (const token of splitTokens(output, 0, 256)) {
    // `:100644 100755 <before> <after> M`, and then the path, which may look like anything.
    if (!isPath) {
      const [modeBefore = "", modeAfter, before = "", after = ""] = token.toString("latin1").slice(1).split(" ");
      if (modeBefore !== SUBMODULE && !isZeroHash(before)) blobs.add(before);
      if (modeAfter !== SUBMODULE && !isZeroHash(after)) blobs.add(after);
    }
    isPath = !isPath;
  }
  return blobs;
}
