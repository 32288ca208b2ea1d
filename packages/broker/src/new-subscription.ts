import type { BrokerSubscription } from "./broker-topology.ts";

/**
 * A subscription to be made at run time. What is left out: no filter, no patterns, not ordered, an ack deadline of 10 s, retries
 * after 10-600 s, no dead letters (a message is delivered until it is acked or too old), and 7 days' retention.
 */
export interface NewSubscription
  extends Pick<BrokerSubscription, "name" | "topic">, Partial<Omit<BrokerSubscription, "name" | "topic">> {
  /** Outlives the broker, as far as its log is durable; otherwise its messages are in memory. Default: false. */
  readonly durable?: boolean;
}

// Pub/Sub: 10 s is its default, 600 s its longest.
const ACK_DEADLINE_SECONDS = 10;
export const MAX_ACK_DEADLINE_SECONDS = 600;
const RETRY = { minimumSeconds: 10, maximumSeconds: 600 };
// Pub/Sub: 7 days by default, 31 at most.
const RETENTION_DAYS = 7;
const MAX_RETENTION_DAYS = 31;

/** The subscription with its defaults written out. Throws a TypeError that names what it cannot be. */
export function completed({ durable: _durable, ...asked }: NewSubscription): BrokerSubscription {
  if (!/^[^/\s]{1,255}$/.test(asked.name)) {
    throw new TypeError(`a subscription's name has 1 to 255 characters, without spaces and slashes: ${asked.name}`);
  }
  const spec: BrokerSubscription = {
    ordered: false,
    ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
    retry: RETRY,
    retentionDays: RETENTION_DAYS,
    ...asked,
  };
  refuseContradictions(spec);
  return spec;
}

/** What no subscription may ask for, wherever it comes from. Throws a TypeError. */
export function refuseContradictions(spec: BrokerSubscription): void {
  const { name, ordered, byPriority, ackDeadlineSeconds, retentionDays, messageTtlSeconds, patterns, eventTypes } =
    spec;
  if (ordered && byPriority) throw new TypeError(`subscription ${name}: ordered and byPriority exclude each other`);
  inRange(name, "ackDeadlineSeconds", ackDeadlineSeconds, MAX_ACK_DEADLINE_SECONDS);
  inRange(name, "retentionDays", retentionDays, MAX_RETENTION_DAYS);
  inRange(name, "messageTtlSeconds", messageTtlSeconds, Infinity);
  for (const [field, list] of Object.entries({ patterns, eventTypes })) {
    if (list?.length === 0) throw new TypeError(`subscription ${name}: ${field} is empty, nothing would be delivered`);
  }
}

function inRange(name: string, field: string, value: number | undefined, most: number): void {
  if (value !== undefined && !(value > 0 && value <= most)) {
    throw new TypeError(`subscription ${name}: ${field} must be above 0 and at most ${most}, got ${value}`);
  }
}
