import type { Attributes } from "@contextpilot/events";
import type { StoredMessage } from "./message-log.ts";

/** Pub/Sub names the project here; the broker has none. */
export const PROJECT = "local";

/** A message's attributes with the four that Pub/Sub adds when it forwards the message to a dead-letter topic. */
export function deadLetterAttributes(message: StoredMessage, subscription: string, attempts: number): Attributes {
  return {
    ...message.attributes,
    CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
    CloudPubSubDeadLetterSourceSubscription: subscription,
    CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
    CloudPubSubDeadLetterSourceTopicPublishTime: message.publishTime,
  };
}
