import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Backlog, Pending } from "../message-log.ts";
import type { Settlements } from "./settlements.ts";
import { textOrNone } from "./message-rows.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

/** What is dropped or restored goes so many at a time, about 10 ms: others have their turn between them. */
export const STEP = 2000;

/**
 * Which subscription still has to get which message, and which it retains after its ack. A message goes with the last row that
 * names it. What changes rows runs in a transaction of the caller's.
 */
export class BacklogRows {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #subscriptions: SubscriptionRows;

  constructor(database: DatabaseSync, subscriptions: SubscriptionRows) {
    this.#statements = prepare(database);
    this.#subscriptions = subscriptions;
  }

  add(recipients: readonly number[], sequence: number, orderingKey: string | undefined): void {
    for (const recipient of recipients) this.#statements.add.run(recipient, sequence, orderingKey ?? null);
  }

  list(subscription: string, after: number, limit: number): readonly Pending[] {
    return this.#statements.list.all(this.#subscriptions.idOf(subscription), after, limit).map((row) => ({
      sequence: Number(row["sequence"]),
      attempts: Number(row["attempts"]),
      orderingKey: textOrNone(row["ordering_key"]),
    }));
  }

  of(subscription: string): Backlog {
    const row = this.#statements.backlog.get({ subscription: this.#subscriptions.idOf(subscription) });
    const [oldest, retained] = [numberOrNone(row?.["oldest"]), numberOrNone(row?.["retained"])];
    return { depth: Number(row?.["depth"]), oldest, oldestKept: least(oldest, retained) };
  }

  settle({ acks, retained, attempts }: Settlements): void {
    for (const [subscription, counted] of attempts) {
      const id = this.#subscriptions.idOf(subscription);
      for (const [sequence, count] of counted) this.#statements.count.run(count, id, sequence);
    }
    for (const [subscription, sequences] of retained) this.#retain(subscription, sequences);
    for (const [subscription, sequences] of acks) this.remove(subscription, sequences);
  }

  remove(subscription: string, sequences: readonly number[]): void {
    const json = JSON.stringify(sequences);
    this.#statements.settle.run(this.#subscriptions.idOf(subscription), json);
    this.#statements.forget.run(json);
  }

  #retain(subscription: string, sequences: readonly number[]): void {
    const [id, json] = [this.#subscriptions.idOf(subscription), JSON.stringify(sequences)];
    this.#statements.retain.run(id, json);
    this.#statements.settle.run(id, json);
  }

  /** Drops a step of what is pending below a sequence; gives how much that was. */
  dropPending(subscription: string, below: number, retain: boolean): number {
    const sequences = this.#stepOf(this.#statements.below, subscription, below);
    if (retain) this.#retain(subscription, sequences);
    else this.remove(subscription, sequences);
    return sequences.length;
  }

  /** Drops a step of what is retained below a sequence; gives how much that was. */
  dropRetained(subscription: string, below: number): number {
    const sequences = this.#stepOf(this.#statements.retainedBelow, subscription, below);
    const json = JSON.stringify(sequences);
    this.#statements.settleRetained.run(this.#subscriptions.idOf(subscription), json);
    this.#statements.forget.run(json);
    return sequences.length;
  }

  /** Makes a step pending again of what is retained from a sequence on; gives how much that was. */
  restore(subscription: string, from: number): number {
    const sequences = this.#stepOf(this.#statements.retainedFrom, subscription, from);
    const [id, json] = [this.#subscriptions.idOf(subscription), JSON.stringify(sequences)];
    this.#statements.restore.run(id, json);
    this.#statements.settleRetained.run(id, json);
    return sequences.length;
  }

  #stepOf(statement: StatementSync, subscription: string, bound: number): readonly number[] {
    return statement.all(this.#subscriptions.idOf(subscription), bound, STEP).map((row) => Number(row["sequence"]));
  }
}

const numberOrNone = (value: SQLOutputValue | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;

/** The lowest of those that are there. */
export function least(...sequences: readonly (number | undefined)[]): number | undefined {
  const known = sequences.filter((sequence) => sequence !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function prepare(database: DatabaseSync) {
  return {
    add: database.prepare("INSERT INTO pending (subscription, sequence, ordering_key) VALUES (?, ?, ?)"),
    list: database.prepare(
      `SELECT sequence, attempts, ordering_key FROM pending
       WHERE subscription = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    ),
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
  };
}
