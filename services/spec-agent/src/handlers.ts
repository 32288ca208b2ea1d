import { handlersOf } from "@contextpilot/messaging";
import { proposeChangelog } from "./propose-changelog.ts";

export const handlers = handlersOf("spec-agent", { "git.commit.v1": proposeChangelog });
