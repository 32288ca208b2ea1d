import { requireObjectHash } from "./object-hash.ts";
import { streamGit, type Repository } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

const NEWLINE = 10;

/** Which objects are not in the repository. Throws a GitError. */
export async function missingObjects(repository: Repository, hashes: Iterable<string>): Promise<string[]> {
  const asked = [...new Set(hashes)];
  if (asked.length === 0) return [];
  const lines = asked.map((hash) => `${requireObjectHash(hash)}\n`);
  const missing: string[] = [];
  for await (const line of splitTokens(streamGit(repository, ["cat-file", "--batch-check"], lines), NEWLINE, 256)) {
    const [hash = "", type] = line.toString("latin1").split(" ");
    if (type === "missing") missing.push(hash);
  }
  return missing;
}
