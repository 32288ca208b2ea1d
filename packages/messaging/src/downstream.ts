import { createEvent, derivedId, type Cause, type Draft, type Envelope } from "@contextpilot/events";
import type { Decision, StateRefs } from "./handler.ts";
import type { Said } from "./said.ts";

/**
 * The events that a decision causes: in the chain of their parent, with ids that follow from `identity` (by default the parent's
 * id), the service and their place alone, so that deciding again says the same events.
 */
export function downstreamOf(
  service: string,
  parent: Envelope,
  decision: Pick<Decision<string, StateRefs, string>, "events" | "continuation">,
  now: Date,
  identity: string = parent.event_id,
): readonly Said[] {
  const say = (draft: Draft, place: number | "continuation"): Said => {
    const cause: Cause = draft.cause ?? parent;
    const event = createEvent(draft, {
      source: service,
      timestamp: now.toISOString(),
      tenant_id: parent.tenant_id,
      ...(draft.key === undefined ? { event_id: placeId(parent, service, place, identity) } : {}),
      correlation_id: cause.correlation_id,
      parent_event_id: cause.event_id,
      hops: place === "continuation" ? cause.hops : cause.hops + 1,
      ...(cause.event_id === parent.event_id ? inherited(parent) : {}),
    });
    return draft.attributes === undefined ? { event } : { event, attributes: draft.attributes };
  };
  const said = decision.events.map((draft, index) => say(draft, index));
  return decision.continuation === undefined ? said : [...said, say(decision.continuation, "continuation")];
}

const placeId = (parent: Envelope, service: string, place: number | "continuation", identity: string): string =>
  derivedId(identity, service, parent.event_type, place, parent.replay_generation ?? "");

/** What a whole chain shares, where its parent has it. */
function inherited(parent: Envelope): Partial<Pick<Envelope, "trace_id" | "execution_id" | "replay_generation">> {
  const { trace_id, execution_id, replay_generation } = parent;
  return {
    ...(trace_id === undefined ? {} : { trace_id }),
    ...(execution_id === undefined ? {} : { execution_id }),
    ...(replay_generation === undefined ? {} : { replay_generation }),
  };
}
