/**
 * What can go wrong when git reads a repository:
 * - `not-found`: a commit or object is not there (yet); the caller may come back later
 * - `not-a-repository`: the path is no git repository
 * - `remote-refused`: the machine that has the repository does not know it, or not us
 * - `remote-failed`: that machine cannot be reached, or broke off
 * - `did-not-start`: there is no git, the folder may not be entered, or the machine had no room for another process
 * - `timeout`: git ran past its time limit and was killed
 * - `too-large`: git said more than the output limit and was killed
 * - `failed`: anything else, git's own words in the message
 */
export type GitErrorCode =
  | "not-found"
  | "not-a-repository"
  | "remote-refused"
  | "remote-failed"
  | "did-not-start"
  | "timeout"
  | "too-large"
  | "failed";

/** An error of git's with a closed code; the message says what, where and what to do. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
