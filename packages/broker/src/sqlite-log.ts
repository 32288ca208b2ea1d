import type { DatabaseSync } from "node:sqlite";
import { DatabaseError, GroupCommit, openDatabaseFor } from "@contextpilot/sqlite";
import type { BrokerSubscription } from "./broker-topology.ts";
import { laneNames } from "./lane.ts";
import { MemoryLog } from "./memory-log.ts";
import type { Backlog, MessageLog, NewMessage, Pending, Settled, StoredMessage } from "./message-log.ts";
import { Sequences } from "./sequences.ts";
import { BacklogRows, STEP, least } from "./sqlite-log/backlog-rows.ts";
import { MessageRows } from "./sqlite-log/message-rows.ts";
import { MIGRATIONS } from "./sqlite-log/schema.ts";
import { Settling } from "./sqlite-log/settling.ts";
import { SubscriptionRows } from "./sqlite-log/subscription-rows.ts";
import { warn } from "./warn.ts";

export interface SqliteLogOptions {
  /** The broker's own file, apart from every service's store. */
  readonly file: string;
  /** Hears that acks could not be written; they are tried again. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The log in a SQLite file, which belongs to this process alone while it is open. What `append` resolved for is on disk;
 * appends that come together share an fsync. Messages that are not persistent, and those of subscriptions that are not durable,
 * are in memory.
 */
export class SqliteLog implements MessageLog {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #commits: GroupCommit;
  readonly #subscriptions: SubscriptionRows;
  readonly #messages: MessageRows;
  readonly #backlogs: BacklogRows;
  readonly #settling: Settling;
  readonly #sequences: Sequences;
  readonly #inMemory: MemoryLog;
  /** Subscriptions that are not durable. */
  readonly #passing = new Set<string>();

  /** Opens the file, and makes it where there is none. Throws a DatabaseError with the remedy. */
  static open(options: SqliteLogOptions): SqliteLog {
    return openDatabaseFor(
      { file: options.file, migrations: MIGRATIONS, written: "at-the-end" },
      (database) => new SqliteLog(database, options),
    );
  }

  private constructor(database: DatabaseSync, { file, onError = warn }: SqliteLogOptions) {
    this.#database = database;
    this.#file = file;
    this.#commits = new GroupCommit(database);
    this.#subscriptions = new SubscriptionRows(database);
    this.#messages = new MessageRows(database);
    this.#backlogs = new BacklogRows(database, this.#subscriptions);
    this.#settling = new Settling((settled) => this.#commits.run(() => this.#backlogs.settle(settled)), onError);
    this.#sequences = new Sequences(this.#messages.last);
    this.#inMemory = new MemoryLog(this.#sequences);
  }

  get last(): number {
    return this.#sequences.last;
  }

  async append(messages: readonly NewMessage[], settles?: Settled): Promise<readonly number[]> {
    if (settles === undefined && messages.every(({ subscriptions }) => subscriptions.length === 0)) {
      return messages.map(({ publishTime }) => this.#sequences.next(publishTime));
    }
    const copies = messages.map((message) => this.#copiesOf(message));
    const sequences = await this.#commits.run(() => {
      const sequences = copies.map(({ message, onDisk }) => this.#insert(message, onDisk));
      if (settles !== undefined) this.#backlogs.remove(settles.subscription, [settles.sequence]);
      return sequences;
    });
    // Here, as nothing can fail any more; and at once, before anyone lists what is pending.
    for (const [place, { message, inMemory }] of copies.entries()) {
      if (inMemory.length > 0) this.#inMemory.keep({ ...message, subscriptions: inMemory }, sequences[place] ?? 0);
    }
    return sequences;
  }

  /** Which subscriptions get a message from the disk, by their numbers in the file, and which from memory. */
  #copiesOf(message: NewMessage): Copies {
    const { persistent, subscriptions } = message;
    const idOf = (name: string): number => this.#subscriptions.idOf(name);
    if (persistent === false) return { message, onDisk: [], inMemory: subscriptions };
    if (this.#passing.size === 0) return { message, onDisk: subscriptions.map(idOf), inMemory: [] };
    return {
      message,
      onDisk: subscriptions.filter((name) => !this.#passing.has(name)).map(idOf),
      inMemory: subscriptions.filter((name) => this.#passing.has(name)),
    };
  }

  #insert(message: NewMessage, recipients: readonly number[]): number {
    const { topic, data, attributes, publishTime, orderingKey } = message;
    const sequence = this.#sequences.next(publishTime);
    if (recipients.length === 0) return sequence;
    this.#messages.insert({ sequence, topic, data, attributes, publishTime, orderingKey });
    this.#backlogs.add(recipients, sequence, orderingKey);
    return sequence;
  }

  ack(subscription: string, sequence: number, retain = false): void {
    if (this.#inMemory.size > 0 && this.#inMemory.take(subscription, sequence, retain)) return;
    this.#settling.ack(subscription, sequence, retain);
  }

  nack(subscription: string, sequence: number, attempts: number): void {
    if (this.#inMemory.size > 0) this.#inMemory.nack(subscription, sequence, attempts);
    this.#settling.nack(subscription, sequence, attempts);
  }

  async pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]> {
    const inMemory = this.#inMemory.size === 0 ? [] : this.#inMemory.pendingNow(subscription, after, limit);
    if (this.#passing.has(subscription)) return inMemory;
    const onDisk = this.#guarded(() => this.#backlogs.list(subscription, after, limit));
    if (inMemory.length === 0) return onDisk;
    return [...inMemory, ...onDisk].sort((a, b) => a.sequence - b.sequence).slice(0, limit);
  }

  async read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    return this.#guarded(() =>
      sequences.map(
        (sequence) => this.#messages.recent(sequence) ?? this.#inMemory.get(sequence) ?? this.#messages.read(sequence),
      ),
    );
  }

  async backlog(subscription: string): Promise<Backlog> {
    const inMemory = this.#inMemory.backlogNow(subscription);
    if (this.#passing.has(subscription)) return inMemory;
    await this.#settling.now();
    const onDisk = this.#guarded(() => this.#backlogs.of(subscription));
    return {
      depth: inMemory.depth + onDisk.depth,
      oldest: least(inMemory.oldest, onDisk.oldest),
      oldestKept: least(inMemory.oldestKept, onDisk.oldestKept),
    };
  }

  async drop(subscription: string, below: number, retain = false): Promise<number> {
    const inMemory = await this.#inMemory.drop(subscription, below, retain);
    if (this.#passing.has(subscription)) return inMemory;
    await this.#settling.now();
    const limit = Math.min(below, Number.MAX_SAFE_INTEGER);
    const onDisk = await this.#inSteps(() => this.#backlogs.dropPending(subscription, limit, retain));
    if (!retain) await this.#inSteps(() => this.#backlogs.dropRetained(subscription, limit));
    return inMemory + onDisk;
  }

  async restore(subscription: string, from: number): Promise<number> {
    const inMemory = await this.#inMemory.restore(subscription, from);
    if (this.#passing.has(subscription)) return inMemory;
    await this.#settling.now();
    return inMemory + (await this.#inSteps(() => this.#backlogs.restore(subscription, from)));
  }

  /** Repeats a step until it had less to do than it may; resolves with how much that was in all. */
  async #inSteps(step: () => number): Promise<number> {
    let done = 0;
    for (;;) {
      const count = await this.#commits.run(step);
      done += count;
      if (count < STEP) return done;
    }
  }

  subscriptions(): readonly BrokerSubscription[] {
    return this.#subscriptions.saved();
  }

  async save(subscription: BrokerSubscription, durable: boolean): Promise<void> {
    if (!durable) for (const lane of laneNames(subscription)) this.#passing.add(lane);
    else {
      const id = this.#subscriptions.idOf(subscription.name);
      await this.#commits.run(() => this.#subscriptions.save(id, subscription));
    }
  }

  async forget(subscription: string): Promise<void> {
    await this.#inMemory.forget(subscription);
    if (this.#passing.delete(subscription)) return;
    await this.drop(subscription, Infinity);
    const id = this.#subscriptions.idOf(subscription);
    await this.#commits.run(() => this.#subscriptions.remove(id));
    this.#subscriptions.forgetId(subscription);
  }

  #guarded<T>(read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      throw DatabaseError.from(thrown, this.#file);
    }
  }

  /** Writes what is waiting and gives the file back. */
  async close(): Promise<void> {
    const settled = this.#settling.now();
    this.#commits.close();
    await settled;
    this.#settling.stop();
    this.#database.close();
  }
}

interface Copies {
  readonly message: NewMessage;
  readonly onDisk: readonly number[];
  readonly inMemory: readonly string[];
}
