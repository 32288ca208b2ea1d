import type { OutgoingMessage, Publisher } from "@contextpilot/messaging";
import type { Logger } from "./logging.ts";

/** More than this belongs into the payload store; buses take 10 MB. */
const LARGE_BYTES = 1_000_000;
/** What is longer is not read again for a line of the log. */
const MAX_READ_BYTES = 64 * 1024;

export interface LoggedPublisherOptions {
  readonly logger: Logger;
  /** How many subscriptions get a message, where the bus knows. Default: that is left out. */
  readonly subscribers?: (message: OutgoingMessage) => number;
}

/**
 * The publisher, with a line of the log for each message that the bus took, and a warning where one is over 1 MB: its id, what it
 * is, whose, of which chain and trace, the names in its data (not their values), who gets it. A message that the bus did not take is a warning too.
 */
export function loggedPublisher(publisher: Publisher, options: LoggedPublisherOptions): Publisher {
  const { logger } = options;
  return {
    publish: async (messages) => {
      let ids: readonly string[];
      try {
        ids = await publisher.publish(messages);
      } catch (err) {
        logger.warn(
          { event: "publish_failed", messages: messages.length, correlation_id: chainOf(messages), err },
          "not published",
        );
        throw err;
      }
      for (const [place, message] of messages.entries()) logPublished(message, ids[place], options);
      return ids;
    },
  };
}

function logPublished(
  message: OutgoingMessage,
  message_id: string | undefined,
  { logger, subscribers }: LoggedPublisherOptions,
): void {
  const { topic, attributes, data } = message;
  const { event_type, event_id, correlation_id, tenant_id, dead_letter_id } = attributes;
  const names = { event_type, event_id, correlation_id, tenant_id, dead_letter_id };
  const about = { ...names, topic, message_id, bytes: data.byteLength };
  if (data.byteLength > LARGE_BYTES) {
    logger.warn({ event: "large_payload", ...about }, "published, and over 1 MB: keep such data in the payload store");
  }
  logger.info(
    { event: "event_published", ...about, ...readOf(data), subscriber_count: subscribers?.(message) },
    "published",
  );
}

const chainOf = ([first]: readonly OutgoingMessage[]): string | undefined => first?.attributes["correlation_id"];

/** What only the body says. A dead letter's need be no event. */
function readOf(data: Uint8Array): { trace_id?: unknown; payload_keys?: readonly string[] } {
  if (data.byteLength > MAX_READ_BYTES) return {};
  try {
    const { trace_id, data: payload } = JSON.parse(Buffer.from(data).toString("utf8")) as Partial<
      Record<string, unknown>
    >;
    return { trace_id, payload_keys: typeof payload === "object" && payload !== null ? Object.keys(payload) : [] };
  } catch {
    return {};
  }
}
