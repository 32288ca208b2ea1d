import { createEvent, derivedId, encodeEnvelope, type Draft, type Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { Decision, StateRefs } from "./handler.ts";
import type { EventType } from "@contextpilot/events";

/** One handling says at most this much; what is longer goes on in a continuation. */
export const MAX_SAID_BYTES = 512 * 1024;

/**
 * The events that a decision causes: in the chain of their parent, with ids that follow from the parent, the service and their
 * place alone, so that deciding again says the same events. Throws MessageError `output-too-large` past 512 KiB.
 */
export function downstreamOf(
  service: string,
  parent: Envelope,
  decision: Decision<EventType, StateRefs, EventType>,
  now: Date,
): readonly Envelope[] {
  const say = (draft: Draft<EventType, unknown>, place: number | "continuation", hops: number): Envelope =>
    createEvent(draft, {
      source: service,
      timestamp: now.toISOString(),
      tenant_id: parent.tenant_id,
      event_id: derivedId(parent.event_id, service, parent.event_type, place, parent.replay_generation ?? ""),
      correlation_id: parent.correlation_id,
      parent_event_id: parent.event_id,
      hops,
      ...inherited(parent),
    });
  const events = decision.events.map((draft, index) => say(draft, index, parent.hops + 1));
  if (decision.continuation !== undefined) events.push(say(decision.continuation, "continuation", parent.hops));

  const bytes = events.reduce((sum, event) => sum + encodeEnvelope(event).byteLength, 0);
  if (bytes > MAX_SAID_BYTES) {
    const problem = `says ${bytes} bytes at once, at most ${MAX_SAID_BYTES} may be: go on in a continuation`;
    throw MessageError.retryable("output-too-large", problem, { event: parent.event_id });
  }
  return events;
}

/** What a whole chain shares, where its parent has it. */
function inherited(parent: Envelope): Partial<Pick<Envelope, "trace_id" | "execution_id" | "replay_generation">> {
  const { trace_id, execution_id, replay_generation } = parent;
  return {
    ...(trace_id === undefined ? {} : { trace_id }),
    ...(execution_id === undefined ? {} : { execution_id }),
    ...(replay_generation === undefined ? {} : { replay_generation }),
  };
}
