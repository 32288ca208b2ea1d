import { idempotencyKey, type Envelope } from "./envelope.ts";
import { parseEventType } from "./event-type.ts";

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

const OURS: ReadonlySet<string> = new Set([...CARRIED, "idempotency_key"]);

/** The attributes of an event's message. The publisher's own are added; one that takes the name of one of these is left out. */
export function attributesOf(event: Envelope, own: Attributes = {}): Attributes {
  const carried = CARRIED.flatMap((field) =>
    event[field] === undefined ? [] : [[field, String(event[field])] as const],
  );
  return {
    ...Object.fromEntries(Object.entries(own).filter(([key]) => !OURS.has(key))),
    ...Object.fromEntries(carried),
    idempotency_key: idempotencyKey(event),
  };
}

/**
 * The first attribute that says otherwise than the envelope as it was read, or undefined. An attribute that is not there, or
 * whose field has no value, is no contradiction; an event type without a version agrees with every version of its family.
 */
export function contradictingAttribute(event: Envelope, attributes: Attributes): string | undefined {
  const family = parseEventType(event.event_type)?.family ?? event.event_type;
  const agrees = (field: (typeof CARRIED)[number]): boolean =>
    attributes[field] === undefined ||
    event[field] === undefined ||
    attributes[field] === String(event[field]) ||
    (field === "event_type" && attributes[field] === family);
  const field = CARRIED.find((name) => !agrees(name));
  if (field !== undefined) return field;
  const key = attributes["idempotency_key"];
  const keys = [idempotencyKey(event), idempotencyKey({ ...event, event_type: family })];
  return key === undefined || keys.includes(key) ? undefined : "idempotency_key";
}
