import { attributesOf, encodeEnvelope, type Attributes, type Envelope } from "@contextpilot/events";
import { orderingKeyOf, routingKeyOf, topicOf } from "@contextpilot/topology";
import type { OutgoingMessage } from "./ports/publisher.ts";

/**
 * An event as a message: its topic from the topology, its attributes with the publisher's own. Its ordering key follows from its
 * data, and must be given where that is kept elsewhere.
 */
export function messageOf(
  event: Envelope,
  own: Attributes = {},
  orderingKey: string | undefined = orderingKeyOf(event),
): OutgoingMessage {
  const ordering = orderingKey === undefined ? {} : { ordering_key: orderingKey };
  const routingKey = routingKeyOf(event);
  return {
    topic: topicOf(event.event_type),
    data: encodeEnvelope(event),
    attributes: { ...attributesOf(event, own), ...ordering },
    ...(orderingKey === undefined ? {} : { orderingKey }),
    ...(routingKey === undefined ? {} : { routingKey }),
  };
}
