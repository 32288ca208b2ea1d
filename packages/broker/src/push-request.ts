import type { Delivery } from "@contextpilot/messaging";
import { PROJECT } from "./dead-letter.ts";

/** The body of Pub/Sub's push request, as it comes from Google: ids and times in both spellings, the data in base64. */
export function encodePushRequest(delivery: Delivery): string {
  const { data, attributes, messageId, publishTime, orderingKey, subscription, deliveryAttempt } = delivery;
  return JSON.stringify({
    message: {
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
      attributes,
      messageId,
      message_id: messageId,
      publishTime,
      publish_time: publishTime,
      orderingKey,
    },
    subscription: `projects/${PROJECT}/subscriptions/${subscription}`,
    deliveryAttempt,
  });
}
