import type { BrokerSubscription } from "./broker-topology.ts";
import type { Backlog, MessageLog, NewMessage, Pending, Settled, StoredMessage } from "./message-log.ts";
import { PendingList } from "./pending-list.ts";
import { Sequences } from "./sequences.ts";

interface Shares {
  readonly pending: PendingList;
  readonly retained: PendingList;
}

/** Keeps messages for as long as the process and this object live: for the in-process bus and for tests. */
export class MemoryLog implements MessageLog {
  readonly #messages = new Map<number, { readonly message: StoredMessage; neededBy: number }>();
  readonly #shares = new Map<string, Shares>();
  readonly #saved = new Map<string, BrokerSubscription>();
  readonly #sequences: Sequences;

  /** `sequences`: another log's, whose messages and these are numbered together. */
  constructor(sequences: Sequences = new Sequences()) {
    this.#sequences = sequences;
  }

  get last(): number {
    return this.#sequences.last;
  }

  /** Messages that are kept. */
  get size(): number {
    return this.#messages.size;
  }

  async append(messages: readonly NewMessage[], settles?: Settled): Promise<readonly number[]> {
    const sequences = messages.map((message) => {
      const sequence = this.#sequences.next(message.publishTime);
      this.keep(message, sequence);
      return sequence;
    });
    if (settles !== undefined) this.ack(settles.subscription, settles.sequence);
    return sequences;
  }

  /** Keeps a message that has its number: higher than that of every message before. */
  keep({ topic, data, attributes, publishTime, orderingKey, subscriptions }: NewMessage, sequence: number): void {
    if (subscriptions.length === 0) return;
    const message = { sequence, topic, data, attributes, publishTime, orderingKey };
    this.#messages.set(sequence, { message, neededBy: subscriptions.length });
    for (const name of subscriptions) this.#of(name).pending.add(sequence, orderingKey);
  }

  #of(subscription: string): Shares {
    let shares = this.#shares.get(subscription);
    if (shares === undefined) {
      shares = { pending: new PendingList(), retained: new PendingList() };
      this.#shares.set(subscription, shares);
    }
    return shares;
  }

  ack(subscription: string, sequence: number, retain = false): void {
    this.take(subscription, sequence, retain);
  }

  /** Acks. Says whether there was something to ack. */
  take(subscription: string, sequence: number, retain: boolean): boolean {
    const { pending, retained } = this.#of(subscription);
    const taken = pending.remove(sequence);
    if (taken === undefined) return false;
    if (retain) retained.merge([taken]);
    else this.#letGo(sequence);
    return true;
  }

  #letGo(sequence: number): void {
    const kept = this.#messages.get(sequence);
    if (kept !== undefined && --kept.neededBy === 0) this.#messages.delete(sequence);
  }

  nack(subscription: string, sequence: number, attempts: number): void {
    this.#of(subscription).pending.count(sequence, attempts);
  }

  async pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]> {
    return this.pendingNow(subscription, after, limit);
  }

  /** {@link MemoryLog.pending}, at once. */
  pendingNow(subscription: string, after: number, limit: number): readonly Pending[] {
    return this.#of(subscription).pending.after(after, limit);
  }

  async read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    return sequences.map((sequence) => this.get(sequence));
  }

  /** One message, at once. */
  get(sequence: number): StoredMessage | undefined {
    return this.#messages.get(sequence)?.message;
  }

  async backlog(subscription: string): Promise<Backlog> {
    return this.backlogNow(subscription);
  }

  /** {@link MemoryLog.backlog}, at once. */
  backlogNow(subscription: string): Backlog {
    const { pending, retained } = this.#of(subscription);
    const kept = [pending.first, retained.first].filter((sequence) => sequence !== undefined);
    return {
      depth: pending.size,
      oldest: pending.first,
      oldestKept: kept.length === 0 ? undefined : Math.min(...kept),
    };
  }

  async drop(subscription: string, below: number, retain = false): Promise<number> {
    const { pending, retained } = this.#of(subscription);
    const dropped = pending.removeRange(0, below);
    if (retain) retained.merge(dropped);
    else for (const { sequence } of [...dropped, ...retained.removeRange(0, below)]) this.#letGo(sequence);
    return dropped.length;
  }

  async restore(subscription: string, from: number): Promise<number> {
    const { pending, retained } = this.#of(subscription);
    const restored = retained.removeRange(from, Infinity);
    pending.merge(restored);
    return restored.length;
  }

  subscriptions(): readonly BrokerSubscription[] {
    return [...this.#saved.values()];
  }

  async save(subscription: BrokerSubscription, durable: boolean): Promise<void> {
    if (durable) this.#saved.set(subscription.name, subscription);
  }

  async forget(subscription: string): Promise<void> {
    await this.drop(subscription, Infinity);
    this.#shares.delete(subscription);
    this.#saved.delete(subscription);
  }

  async close(): Promise<void> {}
}
