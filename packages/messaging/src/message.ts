import { attributesOf, encodeEnvelope, type Attributes, type Envelope } from "@contextpilot/events";
import { orderingKeyOf, topicOf } from "@contextpilot/topology";
import type { OutgoingMessage } from "./ports/publisher.ts";

/** An event as a message: its topic and ordering key from the topology, its attributes with the publisher's own. */
export function messageOf(event: Envelope, own: Attributes = {}): OutgoingMessage {
  const orderingKey = orderingKeyOf(event);
  const ordering = orderingKey === undefined ? {} : { ordering_key: orderingKey };
  return {
    topic: topicOf(event.event_type),
    data: encodeEnvelope(event),
    attributes: { ...attributesOf(event, own), ...ordering },
    ...(orderingKey === undefined ? {} : { orderingKey }),
  };
}
