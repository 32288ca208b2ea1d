import {
  firstSequence,
  type MessageLog,
  type NewMessage,
  type Pending,
  type Settled,
  type StoredMessage,
} from "./message-log.ts";
import { PendingList } from "./pending-list.ts";

/** Keeps messages for as long as the process and this object live: for the in-process bus and for tests. */
export class MemoryLog implements MessageLog {
  readonly #messages = new Map<number, { readonly message: StoredMessage; neededBy: number }>();
  readonly #pending = new Map<string, PendingList>();
  #sequence = firstSequence();

  // oxlint-disable-next-line require-await
  async append(messages: readonly NewMessage[], settles?: Settled): Promise<readonly number[]> {
    const sequences = messages.map((message) => this.#keep(message));
    if (settles !== undefined) this.ack(settles.subscription, settles.sequence);
    return sequences;
  }

  #keep({ subscriptions, ...message }: NewMessage): number {
    const sequence = ++this.#sequence;
    if (subscriptions.length === 0) return sequence;
    this.#messages.set(sequence, { message: { ...message, sequence }, neededBy: subscriptions.length });
    for (const name of subscriptions) this.#listOf(name).add(sequence, message.orderingKey);
    return sequence;
  }

  #listOf(subscription: string): PendingList {
    let list = this.#pending.get(subscription);
    if (list === undefined) this.#pending.set(subscription, (list = new PendingList()));
    return list;
  }

  ack(subscription: string, sequence: number): void {
    if (!this.#listOf(subscription).remove(sequence)) return;
    const kept = this.#messages.get(sequence);
    if (kept !== undefined && --kept.neededBy === 0) this.#messages.delete(sequence);
  }

  nack(subscription: string, sequence: number, attempts: number): void {
    this.#listOf(subscription).count(sequence, attempts);
  }

  // oxlint-disable-next-line require-await
  async pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]> {
    return this.#listOf(subscription).after(after, limit);
  }

  // oxlint-disable-next-line require-await
  async read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    return sequences.map((sequence) => this.#messages.get(sequence)?.message);
  }

  async close(): Promise<void> {}
}
