import type { Delivery } from "@contextpilot/messaging";
import { parseFilter, passes, type ResolvedSubscription } from "@contextpilot/topology";

/** Whether the subscription's filter lets the message through. The emulator (0.8.20) keeps filters and does not apply them. */
export function wanted({ filter }: ResolvedSubscription, { attributes }: Delivery): boolean {
  return filter === undefined || passes(parseFilter(filter), attributes);
}

/**
 * The delivery as Pub/Sub would push it. The attempt is told where the subscription has dead letters
 * (https://cloud.google.com/pubsub/docs/handling-failures); the ordering key is not in the emulator's pushes, and each of our
 * messages that has one has it as an attribute too.
 */
export function likeTheService(
  { deadLetter }: ResolvedSubscription,
  delivery: Delivery,
  deliveryAttempt: number,
): Delivery {
  const { ordering_key: orderingKey = "" } = delivery.attributes;
  return {
    ...delivery,
    ...(orderingKey === "" ? {} : { orderingKey }),
    ...(deadLetter === undefined ? {} : { deliveryAttempt }),
  };
}
