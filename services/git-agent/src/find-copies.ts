import { requireObjectHash } from "./object-hash.ts";
import { patchIdsOf } from "./patch-ids.ts";
import { streamGit, type Repository } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

/** Commits of the old side whose changes are compared, at most: what goes beyond counts as new. */
const MOST_CANDIDATES = 200;
const LONGEST_LINE = 1024;
const NEWLINE = 10;

/**
 * Which of a forced push's commits are copies of those that it took off the branch: by the same author, written at the same second,
 * changing the same. A rebase makes such copies, and so does a reworded message; an amended change is another one. The old side's
 * names alone are read, and the changes of few of them. Throws a GitError.
 *
 * @param hashes some dozens of commits of the new side
 */
export async function findCopies(
  repository: Repository,
  { before, after }: { readonly before: string; readonly after: string },
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  const written = new Map<string, string>();
  for await (const { hash, writing } of writings(repository, ["--no-walk"], hashes)) written.set(hash, writing);

  const wanted = new Set(written.values());
  const candidates = new Map<string, string[]>();
  let found = 0;
  for await (const { hash, writing } of writings(repository, [], [before, `^${after}`])) {
    if (!wanted.has(writing)) continue;
    candidates.set(writing, [...(candidates.get(writing) ?? []), hash]);
    if (++found === MOST_CANDIDATES) break;
  }

  const asked = hashes.filter((hash) => candidates.has(written.get(hash) ?? ""));
  const ids = await patchIdsOf(repository, [...asked, ...[...candidates.values()].flat()]);
  return new Set(
    asked.filter((hash) => {
      const id = ids.get(hash);
      return id !== undefined && candidates.get(written.get(hash) ?? "")?.some((old) => ids.get(old) === id);
    }),
  );
}

/** Who wrote each commit, and when: what a rebase leaves as it was. */
async function* writings(repository: Repository, walk: readonly string[], revisions: readonly string[]) {
  const lines = revisions.map(
    (each) => `${each.startsWith("^") ? "^" : ""}${requireObjectHash(each.replace("^", ""))}\n`,
  );
  const output = streamGit(repository, ["rev-list", ...walk, "--format=%H %at %ae", "--stdin"], lines);
  for await (const line of splitTokens(output, NEWLINE, LONGEST_LINE)) {
    const text = line.toString("latin1");
    if (text.startsWith("commit ")) continue; // the header before each, which older gits cannot leave out
    const space = text.indexOf(" ");
    yield { hash: text.slice(0, space), writing: text.slice(space + 1) };
  }
}
