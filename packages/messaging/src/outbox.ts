import { MessageError } from "./error.ts";
import type { OutgoingMessage, Publisher } from "./ports/publisher.ts";

/** How many inbox keys a process remembers as published; past that it may publish an old duplicate's events again, harmlessly. */
const REMEMBERED = 1_000;

/**
 * Publishes what inbox records say. Redelivery is the relay: whoever finds a record publishes its events again, with the same
 * ids, unless this process knows that it has.
 */
export class Outbox {
  readonly #publisher: Publisher;
  readonly #published = new Set<string>();

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /** Publishes what the record under `key` says. Throws MessageError `publish-failed`: it must be published again. */
  async publish(key: string, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0 || this.#published.has(key)) return;
    try {
      await this.#publisher.publish(messages);
    } catch (cause) {
      const details = { events: messages.length, chain: messages[0]?.attributes["correlation_id"] };
      throw MessageError.retryable("publish-failed", "outbox publish failed", details, { cause });
    }
    this.#remember(key);
  }

  #remember(key: string): void {
    this.#published.add(key);
    if (this.#published.size <= REMEMBERED) return;
    const [oldest] = this.#published;
    if (oldest !== undefined) this.#published.delete(oldest);
  }
}
