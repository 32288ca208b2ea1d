import { MessageError } from "@contextpilot/messaging";
import { GitError } from "./git-error.ts";

/**
 * A repository that cannot be opened waits until it can, and a push on a machine without git until there is one. All else is counted: a push whose commit never comes must not hold
 * up its repository's later pushes, which wait behind it, for longer than five tries.
 */
export function asMessageError(error: unknown, repository: string): unknown {
  if (!(error instanceof GitError)) return error;
  const waits = error.code === "not-a-repository" || error.code === "did-not-start";
  const code = waits ? "unavailable" : "handler-failed";
  return MessageError.retryable(code, error.message, { repository, git: error.code }, { cause: error });
}
