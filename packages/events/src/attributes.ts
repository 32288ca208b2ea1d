import { MAX_ATTRIBUTES, problemOfAttribute } from "./attribute-limits.ts";
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

/** Names that say something about the event; `ordering_key` is added where its message is made. */
const OURS: ReadonlySet<string> = new Set([...CARRIED, "idempotency_key", "ordering_key"]);

/**
 * The attributes of an event's message, with the publisher's own. Throws a TypeError where one of those takes a name of the
 * house's: it could say otherwise than the event, and filters and readers believe it; and where a bus would refuse the message
 * for its attributes, which is better known before the event is committed than when it is to be published.
 */
export function attributesOf(event: Envelope, own: Attributes = {}): Attributes {
  const taken = Object.keys(own).find((name) => OURS.has(name));
  if (taken !== undefined) {
    throw new TypeError(`attribute ${taken} follows from the event: give the publisher's own another name`);
  }
  const attributes: Record<string, string> = { ...own };
  for (const field of CARRIED) {
    const value = event[field];
    if (value !== undefined) attributes[field] = String(value);
  }
  attributes["idempotency_key"] = idempotencyKey(event);
  checkLimits(attributes);
  return attributes;
}

function checkLimits(attributes: Attributes): void {
  const names = Object.keys(attributes);
  // One place is kept for ordering_key.
  if (names.length >= MAX_ATTRIBUTES) {
    throw new TypeError(`${names.length} attributes and an ordering_key, at most ${MAX_ATTRIBUTES} may be`);
  }
  for (const name of names) {
    const problem = problemOfAttribute(name, attributes[name] ?? "");
    if (problem !== undefined) throw new TypeError(`attribute ${name.slice(0, 100)} ${problem}`);
  }
}

/**
 * The first attribute that says otherwise than the envelope as it was read, or undefined. An attribute that is not there, or
 * whose field has no value, is no contradiction; an event type without a version agrees with every version of its family.
 */
export function contradictingAttribute(event: Envelope, attributes: Attributes): string | undefined {
  const field = CARRIED.find((name) => !agrees(event, name, attributes[name]));
  if (field !== undefined) return field;
  const key = attributes["idempotency_key"];
  if (key === undefined || key === idempotencyKey(event)) return undefined;
  return key === idempotencyKey({ ...event, event_type: familyOf(event) }) ? undefined : "idempotency_key";
}

function agrees(event: Envelope, field: (typeof CARRIED)[number], said: string | undefined): boolean {
  const value = event[field];
  if (said === undefined || value === undefined || said === String(value)) return true;
  return field === "event_type" && said === familyOf(event);
}

const familyOf = ({ event_type }: Envelope): string => parseEventType(event_type)?.family ?? event_type;
