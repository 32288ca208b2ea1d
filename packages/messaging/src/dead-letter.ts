import { createHash } from "node:crypto";
import {
  MAX_ATTRIBUTES,
  MAX_ATTRIBUTE_NAME_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  problemOfAttribute,
} from "@contextpilot/events";
import { UNKNOWN_DEAD_LETTER_TOPIC, deadLetterTopicOf, resolveTopology } from "@contextpilot/topology";
import { MessageError } from "./error.ts";
import type { Clock } from "./ports/clock.ts";
import type { Publisher } from "./ports/publisher.ts";
import type { Delivery } from "./ports/subscriber.ts";

/** What could be found of a message that never will be handled: its bytes at least. */
export type Undeliverable = Pick<Delivery, "data"> & Partial<Omit<Delivery, "data">>;

/** Pub/Sub: 10 MB a message. A dead letter past that would be refused, and its message come again for ever. */
const MAX_BYTES = 10_000_000;
const MAX_ATTRIBUTES_BYTES = MAX_ATTRIBUTES * (MAX_ATTRIBUTE_NAME_BYTES + MAX_ATTRIBUTE_VALUE_BYTES);

const topicOfSubscription = new Map(resolveTopology().subscriptions.map(({ name, topic }) => [name, topic]));

/**
 * Puts what never will be handled on its topic's dead-letter topic: the bytes as they came, the attributes, and why. What no bus
 * can have delivered is made to fit: of the attributes those that a message may have, of more than 10 MB as many bytes as it may
 * have, with `dead_letter_cut_from`, how many there were.
 */
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
      dead_letter_cut_from: message.data.byteLength > MAX_BYTES ? String(message.data.byteLength) : undefined,
      dead_letter_at: this.#clock.now().toISOString(),
    });
    const own = Object.entries(message.attributes ?? {}).filter(
      ([name, value]) => problemOfAttribute(name, value) === undefined,
    );
    const room = MAX_ATTRIBUTES - Object.keys(about).length;
    const attributes = { ...Object.fromEntries(own.slice(0, room)), ...about };
    try {
      await this.#publisher.publish([{ topic: topicFor(message), data: fitting(message.data), attributes }]);
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

/** A copy where it is cut: a part of a buffer holds the whole in memory. */
function fitting(data: Uint8Array): Uint8Array {
  return data.byteLength <= MAX_BYTES ? data : data.slice(0, MAX_BYTES - MAX_ATTRIBUTES_BYTES);
}

function withoutEmpty(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, cut(value)] as const])),
  );
}

/** Cuts at a character's border; half a character becomes U+FFFD. */
function cut(value: string): string {
  const bytes = Buffer.from(value, "utf8");
  if (bytes.byteLength <= MAX_ATTRIBUTE_VALUE_BYTES) return value.toWellFormed();
  return bytes
    .subarray(0, MAX_ATTRIBUTE_VALUE_BYTES - 3)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
}
