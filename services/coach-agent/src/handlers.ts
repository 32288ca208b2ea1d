import { handlersOf } from "@contextpilot/messaging";
import { offerNudge } from "./offer-nudge.ts";
import { tellWaiting } from "./tell-waiting.ts";

export const handlers = handlersOf("coach-agent", {
  "context.update.v1": offerNudge,
  "clock.tick.v1": tellWaiting,
});
