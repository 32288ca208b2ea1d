import { contradictingAttribute, readEnvelope, type Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { Delivery } from "./ports/subscriber.ts";
import { parseStrictJson } from "./strict-json.ts";

/** Of an attribute that contradicts the body: enough to know it by, whatever its length. */
const MAX_QUOTED = 128;

/** Step 3: a message's bytes as an envelope that its attributes agree with. Throws a permanent MessageError. */
export function openEnvelope(delivery: Delivery): Envelope {
  const read = readEnvelope(parseStrictJson(delivery.data));
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
