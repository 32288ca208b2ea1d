import { MessageError } from "@contextpilot/messaging";
import { GitError } from "./git-error.ts";

/**
 * A repository that cannot be opened waits until it can. All else is counted: a push whose commit never comes must not hold
 * up its repository's later pushes, which wait behind it, for longer than five tries.
 */
export function asMessageError(error: unknown, repository: string): unknown {
  if (!(error instanceof GitError)) return error;
  const code = error.code === "not-a-repository" ? "unavailable" : "handler-failed";
  return MessageError.retryable(code, error.message, { repository, git: error.code }, { cause: error });
}
