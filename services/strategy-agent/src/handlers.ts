import { handlersOf } from "@contextpilot/messaging";
import { followCommit } from "./follow-commit.ts";

export const handlers = handlersOf("strategy-agent", { "context.update.v1": followCommit });
