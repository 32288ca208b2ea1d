import { handlersOf } from "@contextpilot/messaging";
import { offerNudge } from "./offer-nudge.ts";

export const handlers = handlersOf("coach-agent", { "context.update.v1": offerNudge });
