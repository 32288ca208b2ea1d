import type { Delivery } from "@contextpilot/messaging";
import { resolveTopology } from "@contextpilot/topology";
import * as z from "zod";
import type { DeadLetter } from "./read-model.ts";

const consumers = new Map(resolveTopology().subscriptions.map(({ name, service }) => [name, service]));

/**
 * What a message on a dead-letter topic says of itself. The house's own carry why in attributes; those that Pub/Sub gave up
 * itself carry where they were heard and how often. It never fails: what cannot be read is left out.
 */
export function readDeadLetter(delivery: Delivery, seenAt: string): DeadLetter {
  const { attributes, data, messageId, subscription: heardOn, publishTime } = delivery;
  const event = readHints(attributes, data);
  const subscription = attributes["dead_letter_subscription"] ?? attributes["CloudPubSubDeadLetterSourceSubscription"];
  const deliveries = attributes["CloudPubSubDeadLetterSourceDeliveryCount"];
  return {
    // A message's id is unique in its topic.
    dead_letter_id: attributes["dead_letter_id"] ?? `${heardOn}:${messageId}`,
    tenant_id: event.tenant_id ?? "default",
    consumer: attributes["dead_letter_consumer"] ?? consumers.get(subscription ?? "") ?? "unknown",
    code: attributes["dead_letter_code"] ?? (deliveries === undefined ? "unknown" : "delivery-attempts"),
    reason:
      attributes["dead_letter_reason"] ??
      (deliveries === undefined ? "no reason given" : `the bus gave up after ${deliveries} deliveries`),
    subscription,
    message_id: attributes["dead_letter_message_id"],
    publish_time: attributes["dead_letter_publish_time"] ?? attributes["CloudPubSubDeadLetterSourceTopicPublishTime"],
    failures: countOf(attributes["dead_letter_failures"]),
    dead_at: attributes["dead_letter_at"] ?? publishTime,
    seen_at: seenAt,
    event_id: event.event_id,
    event_type: event.event_type,
    correlation_id: event.correlation_id ?? event.event_id,
    attributes,
    bytes: data.byteLength,
  };
}

const text = z.string().min(1).max(128).optional().catch(undefined);
const hints = z.object({ tenant_id: text, event_id: text, event_type: text, correlation_id: text });
type Hints = z.output<typeof hints>;

/** Which event it is: as the attributes say, else as far as the bytes can be read. */
function readHints(attributes: Delivery["attributes"], data: Uint8Array): Hints {
  const body = hints.safeParse(parse(data)).data;
  return { ...body, ...withoutUndefined(hints.parse(attributes)) };
}

function withoutUndefined(values: Hints): Hints {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data)) as unknown;
  } catch {
    return undefined; // no JSON: that may be why it is here
  }
}

function countOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
