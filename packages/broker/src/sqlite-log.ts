import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Attributes } from "@contextpilot/events";
import { DatabaseError, GroupCommit, openDatabaseFor } from "@contextpilot/sqlite";
import type { BrokerSubscription } from "./broker-topology.ts";
import { laneNames } from "./lane.ts";
import { MemoryLog } from "./memory-log.ts";
import type { Backlog, MessageLog, NewMessage, Pending, Settled, StoredMessage } from "./message-log.ts";
import { RecentMessages } from "./recent-messages.ts";
import { Sequences } from "./sequences.ts";
import { Settlements } from "./settlements.ts";
import { warn } from "./warn.ts";

export interface SqliteLogOptions {
  /** The broker's own file, apart from every service's store. */
  readonly file: string;
  /** Hears that acks could not be written; they are tried again. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

// Acks and failure counts are written together: so long after the first, or when there are so many. A crash forgets them, and
// their messages are delivered again.
const SETTLE_AFTER_MS = 50;
const SETTLE_AT = 1000;
const SETTLE_AGAIN_AFTER_MS = 1000;
/** What is dropped or restored goes so many at a time, about 10 ms: others have their turn between them. */
const STEP = 2000;

/**
 * The log in a SQLite file, which belongs to this process alone while it is open. What `append` resolved for is on disk;
 * appends that come together share an fsync. Messages that are not persistent, and those of subscriptions that are not durable,
 * are in memory.
 */
export class SqliteLog implements MessageLog {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #commits: GroupCommit;
  readonly #statements: Statements;
  readonly #onError: (error: unknown) => void;
  readonly #subscriptions: Map<string, number>;
  readonly #recent = new RecentMessages();
  readonly #sequences: Sequences;
  readonly #inMemory: MemoryLog;
  /** Subscriptions that are not durable. */
  readonly #passing = new Set<string>();
  #unsettled = new Settlements();
  #timer: NodeJS.Timeout | undefined;

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
    this.#onError = onError;
    this.#commits = new GroupCommit(database);
    this.#statements = prepare(database);
    const subscriptions = database.prepare("SELECT id, name FROM subscriptions").all();
    this.#subscriptions = new Map(subscriptions.map(({ id, name }) => [String(name), Number(id)]));
    const last = database.prepare("SELECT max(sequence) AS last FROM messages").get()?.["last"];
    this.#sequences = new Sequences(Number(last));
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
      if (settles !== undefined) this.#remove(settles.subscription, [settles.sequence]);
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
    if (persistent === false) return { message, onDisk: [], inMemory: subscriptions };
    if (this.#passing.size === 0)
      return { message, onDisk: subscriptions.map((name) => this.#idOf(name)), inMemory: [] };
    return {
      message,
      onDisk: subscriptions.flatMap((name) => (this.#passing.has(name) ? [] : [this.#idOf(name)])),
      inMemory: subscriptions.filter((name) => this.#passing.has(name)),
    };
  }

  #insert(message: NewMessage, recipients: readonly number[]): number {
    const { topic, data, attributes, publishTime, orderingKey } = message;
    const sequence = this.#sequences.next(publishTime);
    if (recipients.length === 0) return sequence;
    const key = orderingKey ?? null;
    this.#statements.insert.run(sequence, topic, publishTime, key, JSON.stringify(attributes), data);
    for (const recipient of recipients) this.#statements.need.run(recipient, sequence, key);
    this.#recent.add({ sequence, topic, data, attributes, publishTime, orderingKey });
    return sequence;
  }

  /** A subscription's number in the file, given at its first message: in a commit of its own, which no other undoes. */
  #idOf(subscription: string): number {
    let id = this.#subscriptions.get(subscription);
    if (id === undefined) {
      id = Number(this.#statements.subscribe.get(subscription)?.["id"]);
      this.#subscriptions.set(subscription, id);
    }
    return id;
  }

  ack(subscription: string, sequence: number, retain = false): void {
    if (this.#inMemory.size > 0 && this.#inMemory.take(subscription, sequence, retain)) return;
    this.#unsettled.ack(subscription, sequence, retain);
    this.#settleSoon();
  }

  nack(subscription: string, sequence: number, attempts: number): void {
    if (this.#inMemory.size > 0) this.#inMemory.nack(subscription, sequence, attempts);
    this.#unsettled.nack(subscription, sequence, attempts);
    this.#settleSoon();
  }

  #settleSoon(): void {
    if (this.#unsettled.size === SETTLE_AT) void this.#settle();
    else this.#timer ??= setTimeout(() => void this.#settle(), SETTLE_AFTER_MS).unref();
  }

  async #settle(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const settlements = this.#unsettled;
    this.#unsettled = new Settlements();
    try {
      await this.#commits.run(() => this.#write(settlements));
    } catch (error) {
      this.#unsettled.addOlder(settlements);
      this.#timer ??= setTimeout(() => void this.#settle(), SETTLE_AGAIN_AFTER_MS).unref();
      this.#onError(error);
    }
  }

  #write({ acks, retained, attempts }: Settlements): void {
    for (const [subscription, counted] of attempts) {
      for (const [sequence, count] of counted) this.#statements.count.run(count, this.#idOf(subscription), sequence);
    }
    for (const [subscription, sequences] of retained) this.#retain(subscription, sequences);
    for (const [subscription, sequences] of acks) this.#remove(subscription, sequences);
  }

  #retain(subscription: string, sequences: readonly number[]): void {
    const [id, json] = [this.#idOf(subscription), JSON.stringify(sequences)];
    this.#statements.retain.run(id, json);
    this.#statements.settle.run(id, json);
  }

  #remove(subscription: string, sequences: readonly number[]): void {
    const json = JSON.stringify(sequences);
    this.#statements.settle.run(this.#idOf(subscription), json);
    this.#statements.forget.run(json);
  }

  async pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]> {
    const inMemory = this.#inMemory.size === 0 ? [] : this.#inMemory.pendingNow(subscription, after, limit);
    if (this.#passing.has(subscription)) return inMemory;
    const onDisk = this.#guarded(() =>
      this.#statements.pending.all(this.#idOf(subscription), after, limit).map((row) => ({
        sequence: Number(row["sequence"]),
        attempts: Number(row["attempts"]),
        orderingKey: textOrNone(row["ordering_key"]),
      })),
    );
    if (inMemory.length === 0) return onDisk;
    return [...inMemory, ...onDisk].sort((a, b) => a.sequence - b.sequence).slice(0, limit);
  }

  async read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    return this.#guarded(() =>
      sequences.map(
        (sequence) => this.#recent.get(sequence) ?? this.#inMemory.get(sequence) ?? this.#readOne(sequence),
      ),
    );
  }

  async backlog(subscription: string): Promise<Backlog> {
    const inMemory = this.#inMemory.backlogNow(subscription);
    if (this.#passing.has(subscription)) return inMemory;
    await this.#settle();
    const row = this.#guarded(() => this.#statements.backlog.get({ subscription: this.#idOf(subscription) }));
    return {
      depth: inMemory.depth + Number(row?.["depth"]),
      oldest: least(inMemory.oldest, row?.["oldest"]),
      oldestKept: least(inMemory.oldestKept, row?.["oldest"], row?.["retained"]),
    };
  }

  async drop(subscription: string, below: number, retain = false): Promise<number> {
    const inMemory = await this.#inMemory.drop(subscription, below, retain);
    if (this.#passing.has(subscription)) return inMemory;
    await this.#settle();
    const limit = Math.min(below, Number.MAX_SAFE_INTEGER);
    const onDisk = await this.#inSteps(() => {
      const sequences = this.#sequencesOf(this.#statements.below, subscription, limit);
      if (retain) this.#retain(subscription, sequences);
      else this.#remove(subscription, sequences);
      return sequences.length;
    });
    if (!retain) await this.#inSteps(() => this.#removeRetained(subscription, limit));
    return inMemory + onDisk;
  }

  #removeRetained(subscription: string, below: number): number {
    const sequences = this.#sequencesOf(this.#statements.retainedBelow, subscription, below);
    const json = JSON.stringify(sequences);
    this.#statements.settleRetained.run(this.#idOf(subscription), json);
    this.#statements.forget.run(json);
    return sequences.length;
  }

  async restore(subscription: string, from: number): Promise<number> {
    const inMemory = await this.#inMemory.restore(subscription, from);
    if (this.#passing.has(subscription)) return inMemory;
    await this.#settle();
    const onDisk = await this.#inSteps(() => {
      const sequences = this.#sequencesOf(this.#statements.retainedFrom, subscription, from);
      const [id, json] = [this.#idOf(subscription), JSON.stringify(sequences)];
      this.#statements.restore.run(id, json);
      this.#statements.settleRetained.run(id, json);
      return sequences.length;
    });
    return inMemory + onDisk;
  }

  #sequencesOf(statement: StatementSync, subscription: string, bound: number): readonly number[] {
    return statement.all(this.#idOf(subscription), bound, STEP).map((row) => Number(row["sequence"]));
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
    // Written by `save` below.
    return this.#statements.saved.all().map((row) => JSON.parse(String(row["spec"])) as BrokerSubscription);
  }

  async save(subscription: BrokerSubscription, durable: boolean): Promise<void> {
    if (!durable) for (const lane of laneNames(subscription)) this.#passing.add(lane);
    else {
      const id = this.#idOf(subscription.name);
      await this.#commits.run(() => this.#statements.save.run(JSON.stringify(subscription), id));
    }
  }

  async forget(subscription: string): Promise<void> {
    await this.#inMemory.forget(subscription);
    if (this.#passing.delete(subscription)) return;
    await this.drop(subscription, Infinity);
    const id = this.#idOf(subscription);
    await this.#commits.run(() => this.#statements.unsubscribe.run(id));
    this.#subscriptions.delete(subscription);
  }

  #readOne(sequence: number): StoredMessage | undefined {
    const row = this.#statements.read.get(sequence);
    if (row === undefined) return undefined;
    return {
      sequence,
      topic: String(row["topic"]),
      publishTime: String(row["publish_time"]),
      orderingKey: textOrNone(row["ordering_key"]),
      attributes: JSON.parse(String(row["attributes"])) as Attributes,
      data: row["data"] instanceof Uint8Array ? row["data"] : new Uint8Array(),
    };
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
    const settled = this.#settle();
    this.#commits.close();
    await settled;
    clearTimeout(this.#timer);
    this.#database.close();
  }
}

interface Copies {
  readonly message: NewMessage;
  readonly onDisk: readonly number[];
  readonly inMemory: readonly string[];
}

function least(...sequences: readonly (SQLOutputValue | undefined)[]): number | undefined {
  const known = sequences.filter((sequence) => typeof sequence === "number");
  return known.length === 0 ? undefined : Math.min(...known);
}

function textOrNone(value: SQLOutputValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

// `pending` is small rows in the order they are listed in, so it is WITHOUT ROWID; messages are large, and stay out of a key's tree.
const MIGRATIONS = [
  `CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
   CREATE TABLE messages (
     sequence INTEGER PRIMARY KEY,
     topic TEXT NOT NULL,
     publish_time TEXT NOT NULL,
     ordering_key TEXT,
     attributes TEXT NOT NULL,
     data BLOB NOT NULL
   ) STRICT;
   CREATE TABLE pending (
     subscription INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     ordering_key TEXT,
     PRIMARY KEY (subscription, sequence)
   ) STRICT, WITHOUT ROWID;`,
  // By sequence first: whether anyone retains a message is asked with every ack.
  `ALTER TABLE subscriptions ADD COLUMN spec TEXT;
   CREATE TABLE retained (
     sequence INTEGER NOT NULL,
     subscription INTEGER NOT NULL,
     ordering_key TEXT,
     PRIMARY KEY (sequence, subscription)
   ) STRICT, WITHOUT ROWID;`,
];

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  return {
    subscribe: database.prepare("INSERT INTO subscriptions (name) VALUES (?) RETURNING id"),
    insert: database.prepare(
      "INSERT INTO messages (sequence, topic, publish_time, ordering_key, attributes, data) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    need: database.prepare("INSERT INTO pending (subscription, sequence, ordering_key) VALUES (?, ?, ?)"),
    count: database.prepare("UPDATE pending SET attempts = ? WHERE subscription = ? AND sequence = ?"),
    settle: database.prepare(
      "DELETE FROM pending WHERE subscription = ? AND sequence IN (SELECT value FROM json_each(?))",
    ),
    // Asked of each subscription in turn: an index of `pending` by sequence would cost more with every message.
    forget: database.prepare(
      `DELETE FROM messages WHERE sequence IN (SELECT value FROM json_each(?)) AND NOT EXISTS (
         SELECT 1 FROM subscriptions CROSS JOIN pending
         WHERE pending.subscription = subscriptions.id AND pending.sequence = messages.sequence)
       AND NOT EXISTS (SELECT 1 FROM retained WHERE retained.sequence = messages.sequence)`,
    ),
    retain: database.prepare(
      `INSERT INTO retained (sequence, subscription, ordering_key) SELECT sequence, subscription, ordering_key FROM pending
       WHERE subscription = ? AND sequence IN (SELECT value FROM json_each(?))`,
    ),
    restore: database.prepare(
      `INSERT INTO pending (sequence, subscription, ordering_key) SELECT sequence, subscription, ordering_key FROM retained
       WHERE subscription = ? AND sequence IN (SELECT value FROM json_each(?))`,
    ),
    settleRetained: database.prepare(
      "DELETE FROM retained WHERE subscription = ? AND sequence IN (SELECT value FROM json_each(?))",
    ),
    below: database.prepare("SELECT sequence FROM pending WHERE subscription = ? AND sequence < ? LIMIT ?"),
    retainedBelow: database.prepare("SELECT sequence FROM retained WHERE subscription = ? AND sequence < ? LIMIT ?"),
    retainedFrom: database.prepare("SELECT sequence FROM retained WHERE subscription = ? AND sequence >= ? LIMIT ?"),
    backlog: database.prepare(
      `SELECT count(*) AS depth, min(sequence) AS oldest,
         (SELECT min(sequence) FROM retained WHERE subscription = :subscription) AS retained
       FROM pending WHERE subscription = :subscription`,
    ),
    saved: database.prepare("SELECT spec FROM subscriptions WHERE spec IS NOT NULL ORDER BY id"),
    save: database.prepare("UPDATE subscriptions SET spec = ? WHERE id = ?"),
    unsubscribe: database.prepare("DELETE FROM subscriptions WHERE id = ?"),
    pending: database.prepare(
      `SELECT sequence, attempts, ordering_key FROM pending
       WHERE subscription = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    ),
    read: database.prepare(
      "SELECT topic, publish_time, ordering_key, attributes, data FROM messages WHERE sequence = ?",
    ),
  };
}
