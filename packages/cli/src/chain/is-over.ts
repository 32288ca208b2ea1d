import { subscriptionsFor } from "@contextpilot/topology";
import type { ChainStep } from "./follow-chain.ts";

/** Whether a chain has its nudge. */
export const hasNudge = (chain: readonly ChainStep[]): boolean =>
  chain.some((step) => step.kind === "event" && step.event.event_type === "coach.nudge.v1");

/**
 * Whether nothing can come of a chain any more: everyone who hears one of its events has said what followed from it, or is silent
 * for good. A chain of which nothing was seen is not over.
 */
export function isOver(chain: readonly ChainStep[]): boolean {
  const events = chain.flatMap((step) => (step.kind === "event" ? [step.event] : []));
  const done = new Set(
    chain.flatMap((step) => (step.kind === "silence" && step.final ? [`${step.service} ${step.eventId}`] : [])),
  );
  for (const { source, parent_event_id } of events) done.add(`${source} ${parent_event_id}`);
  return (
    events.length > 0 &&
    events.every(({ event_type, event_id }) =>
      subscriptionsFor(event_type).every(({ service }) => done.has(`${service} ${event_id}`)),
    )
  );
}
