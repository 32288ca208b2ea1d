import type { Envelope } from "@contextpilot/events";
import type { House } from "../house/start-house.ts";
import type { Handling } from "../house/run-agent.ts";

/** One step of a chain, as it comes. */
export type ChainStep =
  | { readonly kind: "event"; readonly event: Envelope; readonly atMs: number }
  /** A delivery that ended without an event: nothing to say, set aside, to be tried again, or dead. */
  | {
      readonly kind: "silence";
      readonly service: string;
      readonly eventType: string;
      readonly eventId: string;
      readonly why: string;
      /** Nothing will come of it any more. */
      readonly final: boolean;
      readonly atMs: number;
    };

/** When each chain began, in milliseconds since 1970; who follows one after the other shares it. */
export type ChainBeginnings = Map<string, number>;

/** Follows every chain of the house from now on; times count from the push's own event. Gives what ends the following. */
export function followChains(
  house: House,
  pushedAt: ChainBeginnings,
  listener: (correlationId: string, step: ChainStep) => void,
): () => void {
  const since = (correlationId: string, at: number): number => {
    // A chain whose beginning was not seen counts from what was seen of it first.
    if (!pushedAt.has(correlationId)) pushedAt.set(correlationId, at);
    if (pushedAt.size > REMEMBERED) pushedAt.delete(pushedAt.keys().next().value ?? "");
    return Math.max(0, at - (pushedAt.get(correlationId) ?? at));
  };
  const stopEvents = house.feed.follow((entry) => {
    if (entry.kind === "dead-letter") return; // its consumer's outcome has said so
    const { event, seen_at } = entry;
    const { correlation_id, event_id } = event;
    if (event_id === correlation_id) pushedAt.set(correlation_id, Date.parse(event.timestamp));
    listener(correlation_id, { kind: "event", event, atMs: since(correlation_id, Date.parse(seen_at)) });
  });
  const stopHandlings = house.onHandling((handling) => {
    const silence = silenceOf(handling);
    if (silence === undefined) return;
    const { event, why } = silence;
    const atMs = since(event.correlation_id, Date.now());
    const final = handling.outcome.kind !== "retry";
    const { service } = handling;
    const { correlation_id, event_type: eventType, event_id: eventId } = event;
    listener(correlation_id, { kind: "silence", service, eventType, eventId, why, final, atMs });
  });
  return () => {
    stopEvents();
    stopHandlings();
  };
}

const REMEMBERED = 1000;

function silenceOf({ outcome }: Handling): { event: Envelope; why: string } | undefined {
  switch (outcome.kind) {
    case "handled":
      if (outcome.duplicate || outcome.published.length > 0) return undefined;
      // Every minute begins; most of them wake nobody.
      if (outcome.event.event_type === "clock.tick.v1") return undefined;
      return { event: outcome.event, why: outcome.note ?? "nothing to say" };
    case "taken":
      return undefined;
    case "skipped":
      return outcome.event && { event: outcome.event, why: `set aside: ${outcome.reason}` };
    case "retry":
      return outcome.event && { event: outcome.event, why: `will be tried again: ${outcome.error.message}` };
    case "dead-lettered":
      return outcome.event && { event: outcome.event, why: `to the dead letters: ${outcome.error.message}` };
  }
}
