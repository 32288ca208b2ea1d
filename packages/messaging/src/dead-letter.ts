import { createHash } from "node:crypto";
import { UNKNOWN_DEAD_LETTER_TOPIC, deadLetterTopicOf, resolveTopology } from "@contextpilot/topology";
import { MessageError } from "./error.ts";
import type { Clock } from "./ports/clock.ts";
import type { Publisher } from "./ports/publisher.ts";
import type { Delivery } from "./ports/subscriber.ts";

/** What could be found of a message that never will be handled: its bytes at least. */
export type Undeliverable = Pick<Delivery, "data"> & Partial<Omit<Delivery, "data">>;

/** Pub/Sub: an attribute's value is at most 1,024 bytes, and a message has at most 100 of them. */
const MAX_VALUE_BYTES = 1024;
const MAX_ATTRIBUTES = 100;

const topicOfSubscription = new Map(resolveTopology().subscriptions.map(({ name, topic }) => [name, topic]));

/** Puts what never will be handled on its topic's dead-letter topic: the bytes as they came, the attributes, and why. */
export class DeadLetters {
  readonly #service: string;
  readonly #publisher: Publisher;
  readonly #clock: Clock;

  constructor(service: string, publisher: Publisher, clock: Clock) {
    this.#service = service;
    this.#publisher = publisher;
    this.#clock = clock;
  }

  /** Resolves when the bus has the dead letter; only then may the message be acked. Throws MessageError `publish-failed`. */
  async put(message: Undeliverable, error: MessageError, failures = 0): Promise<void> {
    const about = withoutEmpty({
      dead_letter_id: this.#idOf(message),
      dead_letter_consumer: this.#service,
      dead_letter_code: error.code,
      dead_letter_reason: error.message,
      dead_letter_subscription: message.subscription,
      dead_letter_message_id: message.messageId,
      dead_letter_publish_time: message.publishTime,
      dead_letter_failures: failures === 0 ? undefined : String(failures),
      dead_letter_at: this.#clock.now().toISOString(),
    });
    const room = MAX_ATTRIBUTES - Object.keys(about).length;
    const attributes = { ...Object.fromEntries(Object.entries(message.attributes ?? {}).slice(0, room)), ...about };
    try {
      await this.#publisher.publish([{ topic: topicFor(message), data: message.data, attributes }]);
    } catch (cause) {
      const details = { message: message.messageId, subscription: message.subscription, reason: error.code };
      throw MessageError.retryable("publish-failed", "dead letter could not be published", details, { cause });
    }
  }

  /** The same message failing at the same service is the same dead letter, however often it is put there. */
  #idOf(message: Undeliverable): string {
    const identity = createHash("sha256").update(`${this.#service}\n`);
    return identity
      .update(message.messageId ?? message.data)
      .digest("hex")
      .slice(0, 32);
  }
}

function topicFor({ subscription }: Undeliverable): string {
  const topic = subscription === undefined ? undefined : topicOfSubscription.get(subscription);
  return topic === undefined ? UNKNOWN_DEAD_LETTER_TOPIC : deadLetterTopicOf(topic);
}

function withoutEmpty(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, cut(value)] as const])),
  );
}

/** Cuts at a character's border. */
function cut(value: string): string {
  const bytes = Buffer.from(value, "utf8");
  if (bytes.byteLength <= MAX_VALUE_BYTES) return value;
  return bytes
    .subarray(0, MAX_VALUE_BYTES - 3)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
}
