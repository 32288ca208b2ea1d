import { handler, handlersOf } from "@contextpilot/messaging";

/** A coach that says nothing, whatever it hears: a test puts the handler that it is about in the place of one of these. */
export const quietCoach = handlersOf("coach-agent", {
  "context.update.v1": handler("context.update.v1", { decide: () => ({ events: [] }) }),
  "strategy.insight.v1": handler("strategy.insight.v1", { decide: () => ({ events: [] }) }),
  "proposal.created.v1": handler("proposal.created.v1", { decide: () => ({ events: [] }) }),
  "clock.tick.v1": handler("clock.tick.v1", { decide: () => ({ events: [] }) }),
});
