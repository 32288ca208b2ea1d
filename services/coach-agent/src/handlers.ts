import { handlersOf } from "@contextpilot/messaging";
import { offerNudge } from "./offer-nudge.ts";
import { passOnInsight } from "./pass-on-insight.ts";
import { passOnProposal } from "./pass-on-proposal.ts";
import { tellWaiting } from "./tell-waiting.ts";

export const handlers = handlersOf("coach-agent", {
  "context.update.v1": offerNudge,
  "strategy.insight.v1": passOnInsight,
  "proposal.created.v1": passOnProposal,
  "clock.tick.v1": tellWaiting,
});
