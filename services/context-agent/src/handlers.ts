import { handlersOf } from "@contextpilot/messaging";
import { measureCommit } from "./measure-commit.ts";

export const handlers = handlersOf("context-agent", { "git.commit.v1": measureCommit });
