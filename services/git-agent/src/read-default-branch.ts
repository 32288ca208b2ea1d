import { GitError } from "./git-error.ts";
import { readGit, type Repository } from "./run-git.ts";

/**
 * The branch that others get when they clone, as `refs/heads/main`: the one that HEAD names, or in a clone its origin's. Undefined
 * where HEAD names a commit and no branch.
 */
export async function readDefaultBranch(repository: Repository): Promise<string | undefined> {
  const origin = await readGit(repository, ["for-each-ref", "--format=%(symref)", "refs/remotes/origin/HEAD"]);
  const remote = origin.toString().trim();
  if (remote !== "") return remote.replace("refs/remotes/origin/", "refs/heads/");
  try {
    return (await readGit(repository, ["symbolic-ref", "--quiet", "HEAD"])).toString().trim();
  } catch (error) {
    // git symbolic-ref --quiet: exit code 1 and not a word where HEAD is detached.
    if (error instanceof GitError && error.code === "failed") return undefined;
    throw error;
  }
}
