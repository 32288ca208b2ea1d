import { contradictingAttribute, readEnvelope, type Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { Delivery } from "./ports/subscriber.ts";
import { parseStrictJson } from "./strict-json.ts";
import { tickOf } from "./tick.ts";

/** Of an attribute that contradicts the body: enough to know it by, whatever its length. */
const MAX_QUOTED = 128;

/**
 * Step 3: a message's bytes as an envelope that its attributes agree with; without bytes, the clock's tick. Throws a permanent
 * MessageError.
 */
export function openEnvelope(delivery: Delivery): Envelope {
  const read = isBareTick(delivery)
    ? ({ ok: true, value: tickOf(new Date(delivery.publishTime)) } as const)
    : readEnvelope(parseStrictJson(delivery.data));
  if (!read.ok) {
    const place = read.path === "" ? "the envelope" : read.path;
    throw MessageError.permanent("invalid-envelope", `${place}: ${read.problem}`, { message: delivery.messageId });
  }
  const attribute = contradictingAttribute(read.value, delivery.attributes);
  if (attribute !== undefined) {
    const said = JSON.stringify(delivery.attributes[attribute]?.slice(0, MAX_QUOTED));
    const problem = `attribute ${attribute} says ${said}, the body says otherwise`;
    throw MessageError.permanent("attribute-mismatch", problem, { event: read.value.event_id });
  }
  return read.value;
}

/** Cloud Scheduler says the same every minute, so no time and no id: they follow from when the bus took the message. */
function isBareTick({ data, attributes }: Delivery): boolean {
  return data.byteLength === 0 && attributes["event_type"] === "clock.tick.v1";
}
