import type { Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import { messageOf } from "./message.ts";
import type { Publisher } from "./ports/publisher.ts";

/** How many inbox keys a process remembers as published; past that it may publish an old duplicate's events again, harmlessly. */
const REMEMBERED = 10_000;

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

  /** Publishes the events of the record under `inboxKey`. Throws MessageError `publish-failed`: the delivery must come again. */
  async publish(inboxKey: string, events: readonly Envelope[]): Promise<void> {
    if (events.length === 0 || this.#published.has(inboxKey)) return;
    try {
      await this.#publisher.publish(events.map((event) => messageOf(event)));
    } catch (cause) {
      const details = { events: events.length, chain: events[0]?.correlation_id };
      throw MessageError.retryable("publish-failed", "outbox publish failed", details, { cause });
    }
    this.#remember(inboxKey);
  }

  #remember(inboxKey: string): void {
    this.#published.add(inboxKey);
    if (this.#published.size <= REMEMBERED) return;
    const [oldest] = this.#published;
    if (oldest !== undefined) this.#published.delete(oldest);
  }
}
