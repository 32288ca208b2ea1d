import { handlersOf, type HandlersOf } from "@contextpilot/messaging";
import { catchUp } from "./catch-up.ts";
import type { GitAgentConfig } from "./config.ts";
import { keepPatch } from "./keep-patch.ts";
import { readPush } from "./read-push.ts";

export const handlers = (config: GitAgentConfig): HandlersOf<"git-agent"> =>
  handlersOf("git-agent", {
    "git.push.v1": readPush(config),
    "clock.tick.v1": catchUp(config),
    ...keepPatch(config),
  });
