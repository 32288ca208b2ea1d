import { isObjectHash, isZeroHash } from "./object-hash.ts";
import { refText } from "./path-text.ts";
import { streamGit, type Repository } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

/** Where a repository's branches stand: by ref, as pushes name them. */
export type Branches = ReadonlyMap<string, string>;

/** git.push.v1 takes no longer ref. */
export const LONGEST_REF = 1024;
const NEWLINE = 10;

/**
 * The branches of a repository. Of a clone they are those of its remote as it last saw them, under the names that they have there;
 * branches of another remote keep its name, as the hook says them. Symbolic refs are left out. Throws a GitError.
 */
export async function readBranches(repository: Repository, remote?: string): Promise<Branches> {
  const prefix = remote === undefined ? "refs/heads/" : "refs/remotes/";
  const format = "--format=%(objectname) %(refname) %(symref)";
  const branches = new Map<string, string>();
  const output = streamGit(repository, ["for-each-ref", format, prefix]);
  for await (const line of splitTokens(output, NEWLINE, 2 * LONGEST_REF)) {
    const [hash = "", ref = "", symbolic = ""] = line.toString("latin1").split(" ");
    const name = nameOf(refText(Buffer.from(ref.slice(prefix.length), "latin1")), remote);
    if (symbolic !== "" || !isObjectHash(hash) || isZeroHash(hash) || name.length > LONGEST_REF) continue;
    branches.set(name, hash);
  }
  return branches;
}

function nameOf(branch: string, remote: string | undefined): string {
  const own = remote !== undefined && branch.startsWith(`${remote}/`) ? branch.slice(remote.length + 1) : branch;
  return `refs/heads/${own}`;
}
