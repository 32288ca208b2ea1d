import { MAX_ATTRIBUTES, problemOfAttribute } from "@contextpilot/events";
import { MAX_ROUTING_KEY_BYTES } from "@contextpilot/topology";
import type { OutgoingMessage } from "./ports/publisher.ts";

// Pub/Sub's limits of one message, in bytes.
const MAX_MESSAGE = 10_000_000;
const MAX_ORDERING_KEY = 1024;
/** Of a name that may be any length. */
const MAX_QUOTED = 100;

/** What Pub/Sub would refuse the message for; undefined where it would take it. */
export function problemOfMessage({
  data,
  attributes,
  orderingKey = "",
  routingKey = "",
}: OutgoingMessage): string | undefined {
  const keys = Object.keys(attributes);
  if (data.byteLength === 0 && keys.length === 0) return "a message has data or attributes, this one has neither";
  if (data.byteLength > MAX_MESSAGE) return `${data.byteLength} bytes of data, the limit is ${MAX_MESSAGE}`;
  if (keys.length > MAX_ATTRIBUTES) return `${keys.length} attributes, the limit is ${MAX_ATTRIBUTES}`;
  for (const key of keys) {
    const problem = problemOfAttribute(key, attributes[key] ?? "");
    if (problem !== undefined) return `attribute ${key.slice(0, MAX_QUOTED)} ${problem}`;
  }
  if (isLonger(orderingKey, MAX_ORDERING_KEY)) return `an ordering key over ${MAX_ORDERING_KEY} bytes`;
  if (!orderingKey.isWellFormed()) return "an ordering key that is no valid Unicode";
  if (isLonger(routingKey, MAX_ROUTING_KEY_BYTES)) return `a routing key over ${MAX_ROUTING_KEY_BYTES} bytes`;
  return undefined;
}

/** UTF-8 takes one to three bytes for each UTF-16 unit: most texts need no counting. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
