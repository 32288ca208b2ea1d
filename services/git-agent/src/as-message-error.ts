import { MessageError } from "@contextpilot/messaging";
import { GitError, type GitErrorCode } from "./git-error.ts";

const SURROUNDINGS = new Set<GitErrorCode>(["not-a-repository", "remote-refused", "remote-failed", "did-not-start"]);

/**
 * A repository that cannot be opened waits until it can, be it that its machine is down or that a token has expired, and a push on a
 * machine without git until there is one. All else is counted: a push whose commit never comes, or is too large to be fetched, must not
 * hold up its repository's later pushes, which wait behind it, for longer than five tries.
 */
export function asMessageError(error: unknown, repository: string): unknown {
  if (!(error instanceof GitError)) return error;
  const code = SURROUNDINGS.has(error.code) ? "unavailable" : "handler-failed";
  return MessageError.retryable(code, error.message, { repository, git: error.code }, { cause: error });
}
