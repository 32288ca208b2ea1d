import type { Attributes, Envelope } from "@contextpilot/events";
import { messageOf, type OutgoingMessage } from "@contextpilot/messaging";

/**
 * An event as a message once more. Where its data is kept elsewhere, and with it what its ordering key was made of, at least
 * its chain keeps its order.
 */
export function messageAgain(event: Envelope, own: Attributes = {}): OutgoingMessage {
  return event.data_ref === undefined ? messageOf(event, own) : messageOf(event, own, event.correlation_id);
}
