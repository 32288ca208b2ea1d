import { idempotencyKey, type Envelope } from "./envelope.ts";
import { withVersion } from "./event-type.ts";

/** A message's attributes on the bus. */
export type Attributes = Readonly<Record<string, string>>;

/** The envelope's fields that also travel as attributes, for filters and for people; those that have a value. */
const CARRIED = [
  "event_type",
  "source",
  "event_id",
  "tenant_id",
  "correlation_id",
  "priority",
  "user_id",
  "hops",
  "replay_generation",
] as const;

/** The attributes of an event's message. The publisher's own are added; they may not take the name of one of these. */
export function attributesOf(event: Envelope, own: Attributes = {}): Attributes {
  const attributes: Record<string, string> = { ...own };
  for (const field of CARRIED) {
    const value = event[field];
    if (value !== undefined) attributes[field] = String(value);
  }
  attributes["idempotency_key"] = idempotencyKey(event);
  return attributes;
}

/**
 * The first attribute that says otherwise than the body, or undefined. An attribute that is not there is no contradiction;
 * an event type without a version agrees with the version that the body was read as.
 */
export function contradictingAttribute(event: Envelope, attributes: Attributes): string | undefined {
  for (const field of CARRIED) {
    const said = attributes[field];
    const value = event[field];
    if (said === undefined || value === undefined) continue;
    const agrees =
      said === String(value) ||
      (field === "event_type" && withVersion(said, (event.data as { version?: unknown }).version) === value);
    if (!agrees) return field;
  }
  const key = attributes["idempotency_key"];
  if (key === undefined || key === idempotencyKey(event)) return undefined;
  const unversioned = idempotencyKey({ ...event, event_type: event.event_type.replace(/\.v\d+$/, "") });
  return key === unversioned ? undefined : "idempotency_key";
}
