import { parseEventType, type Envelope } from "@contextpilot/events";

/** A pattern over routing keys, as its words; `*` stands for exactly one word, `#` for zero or more. */
export type RoutingPattern = readonly string[];

/** AMQP 0-9-1: a routing key, and a pattern, is a short string, of at most 255 bytes. */
export const MAX_ROUTING_KEY_BYTES = 255;

/**
 * The routing key of an event whose publisher gives no other: its family and its priority, `agent.started.normal`. Undefined where
 * that would be longer than a routing key may be.
 */
export function routingKeyOf(event: Pick<Envelope, "event_type" | "priority">): string | undefined {
  const family = parseEventType(event.event_type)?.family ?? event.event_type;
  const key = `${family}.${event.priority ?? "normal"}`;
  return Buffer.byteLength(key) > MAX_ROUTING_KEY_BYTES ? undefined : key;
}

/** Reads a pattern: words with dots between them. Throws a TypeError where it is empty, too long, or `*` or `#` is part of a word. */
export function parseRoutingPattern(text: string): RoutingPattern {
  const bytes = Buffer.byteLength(text);
  if (bytes === 0) throw new TypeError("a routing pattern is empty; # alone matches everything");
  if (bytes > MAX_ROUTING_KEY_BYTES) {
    throw new TypeError(`routing pattern is ${bytes} bytes long, the limit is ${MAX_ROUTING_KEY_BYTES}: ${text}`);
  }
  const words = text.split(".");
  const mixed = words.find((word) => word.length > 1 && /[*#]/.test(word));
  if (mixed !== undefined) {
    throw new TypeError(
      `routing pattern ${text}: * and # stand for whole words, ${mixed} would be compared letter by letter`,
    );
  }
  return words;
}

/**
 * Whether a routing key matches the pattern. The empty key has no words. Takes at most as many steps as the pattern has words for
 * each word of the key, whatever the pattern.
 */
export function matchesRoutingPattern(pattern: RoutingPattern, routingKey: string): boolean {
  const words = routingKey === "" ? [] : routingKey.split(".");
  let place = 0;
  /** The last `#` of the pattern so far, and the first word that it does not stand for. */
  let hash = -1;
  let resume = 0;
  for (let next = 0; next < words.length;) {
    const wanted = pattern[place];
    if (wanted === "#") {
      hash = place++;
      resume = next;
    } else if (wanted !== undefined && (wanted === "*" || wanted === words[next])) {
      place++;
      next++;
    } else if (hash >= 0) {
      // It does not go on from here: the last `#` takes one word more.
      place = hash + 1;
      next = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[place] === "#") place++;
  return place === pattern.length;
}
