import { readGit, type Repository } from "./run-git.ts";

/** Whether a commit is reached by another, or is the same. Both must be there. Throws a GitError. */
export async function isAncestor(repository: Repository, commit: string, of: string): Promise<boolean> {
  const unreached = await readGit(repository, ["rev-list", "--max-count=1", "--stdin"], [`${commit}\n^${of}\n`]);
  return unreached.length === 0;
}
