import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Attributes } from "@contextpilot/events";
import { DatabaseError, GroupCommit, openDatabase } from "@contextpilot/sqlite";
import {
  firstSequence,
  type MessageLog,
  type NewMessage,
  type Pending,
  type Settled,
  type StoredMessage,
} from "./message-log.ts";
import { RecentMessages } from "./recent-messages.ts";
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

/**
 * The log in a SQLite file, which belongs to this process alone while it is open. What `append` resolved for is on disk;
 * appends that come together share an fsync.
 */
export class SqliteLog implements MessageLog {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #commits: GroupCommit;
  readonly #statements: Statements;
  readonly #onError: (error: unknown) => void;
  readonly #subscriptions: Map<string, number>;
  readonly #recent = new RecentMessages();
  #sequence: number;
  #unsettled = new Settlements();
  #timer: NodeJS.Timeout | undefined;

  /** Opens the file, and makes it where there is none. Throws a DatabaseError with the remedy. */
  static open(options: SqliteLogOptions): SqliteLog {
    const database = openDatabase({ file: options.file, migrations: MIGRATIONS });
    try {
      return new SqliteLog(database, options);
    } catch (thrown) {
      database.close();
      throw DatabaseError.from(thrown, options.file);
    }
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
    this.#sequence = Math.max(firstSequence(), Number(last));
  }

  async append(messages: readonly NewMessage[], settles?: Settled): Promise<readonly number[]> {
    const recipients = messages.map(({ subscriptions }) => subscriptions.map((name) => this.#idOf(name)));
    if (settles === undefined && recipients.every(({ length }) => length === 0)) {
      return messages.map(() => ++this.#sequence);
    }
    return await this.#commits.run(() => {
      const sequences = messages.map((message, place) => this.#insert(message, recipients[place] ?? []));
      if (settles !== undefined) this.#remove(settles.subscription, [settles.sequence]);
      return sequences;
    });
  }

  #insert(message: NewMessage, recipients: readonly number[]): number {
    const { topic, data, attributes, publishTime, orderingKey } = message;
    const sequence = ++this.#sequence;
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

  ack(subscription: string, sequence: number): void {
    this.#unsettled.ack(subscription, sequence);
    this.#settleSoon();
  }

  nack(subscription: string, sequence: number, attempts: number): void {
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

  #write({ acks, attempts }: Settlements): void {
    for (const [subscription, counted] of attempts) {
      for (const [sequence, count] of counted) this.#statements.count.run(count, this.#idOf(subscription), sequence);
    }
    for (const [subscription, sequences] of acks) this.#remove(subscription, sequences);
  }

  #remove(subscription: string, sequences: readonly number[]): void {
    const json = JSON.stringify(sequences);
    this.#statements.settle.run(this.#idOf(subscription), json);
    this.#statements.forget.run(json);
  }

  async pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]> {
    return this.#guarded(() =>
      this.#statements.pending.all(this.#idOf(subscription), after, limit).map((row) => ({
        sequence: Number(row["sequence"]),
        attempts: Number(row["attempts"]),
        orderingKey: textOrNone(row["ordering_key"]),
      })),
    );
  }

  async read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    return this.#guarded(() => sequences.map((sequence) => this.#recent.get(sequence) ?? this.#readOne(sequence)));
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
         WHERE pending.subscription = subscriptions.id AND pending.sequence = messages.sequence)`,
    ),
    pending: database.prepare(
      `SELECT sequence, attempts, ordering_key FROM pending
       WHERE subscription = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    ),
    read: database.prepare(
      "SELECT topic, publish_time, ordering_key, attributes, data FROM messages WHERE sequence = ?",
    ),
  };
}
