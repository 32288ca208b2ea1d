import { contradictingAttribute, readEnvelope, type Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { Delivery } from "./ports/subscriber.ts";
import { parseStrictJson } from "./strict-json.ts";

/** Step 3: a message's bytes as an envelope that its attributes agree with. Throws a permanent MessageError. */
export function openEnvelope(delivery: Delivery): Envelope {
  const read = readEnvelope(parseStrictJson(delivery.data));
  if (!read.ok) {
    const place = read.path === "" ? "the envelope" : read.path;
    throw MessageError.permanent("invalid-envelope", `${place}: ${read.problem}`, { message: delivery.messageId });
  }
  const attribute = contradictingAttribute(read.value, delivery.attributes);
  if (attribute !== undefined) {
    const problem = `attribute ${attribute} says ${delivery.attributes[attribute]}, the body says otherwise`;
    throw MessageError.permanent("attribute-mismatch", problem, { event: read.value.event_id });
  }
  return read.value;
}
