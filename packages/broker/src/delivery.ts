import type { Delivery } from "@contextpilot/messaging";
import type { BrokerSubscription } from "./broker-topology.ts";
import type { StoredMessage } from "./message-log.ts";

/** A message as a subscription's consumers get it. */
export function deliveryOf(spec: BrokerSubscription, message: StoredMessage, attempt: number): Delivery {
  const { sequence, data, attributes, publishTime, orderingKey } = message;
  const always = { messageId: String(sequence), data, attributes, publishTime, subscription: spec.name };
  const keyed = orderingKey === undefined ? always : { ...always, orderingKey };
  // Pub/Sub counts where there is a dead-letter policy, and only there.
  return spec.deadLetter === undefined ? keyed : { ...keyed, deliveryAttempt: attempt };
}
