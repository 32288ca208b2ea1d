import type { DatabaseSync } from "node:sqlite";
import type { BrokerSubscription } from "../broker-topology.ts";

/** Who has messages in the file, by numbers that are shorter than names, and which of them were made at run time. */
export class SubscriptionRows {
  readonly #statements;
  readonly #ids: Map<string, number>;

  constructor(database: DatabaseSync) {
    this.#statements = {
      add: database.prepare("INSERT INTO subscriptions (name) VALUES (?) RETURNING id"),
      saved: database.prepare("SELECT spec FROM subscriptions WHERE spec IS NOT NULL ORDER BY id"),
      save: database.prepare("UPDATE subscriptions SET spec = ? WHERE id = ?"),
      remove: database.prepare("DELETE FROM subscriptions WHERE id = ?"),
    };
    const rows = database.prepare("SELECT id, name FROM subscriptions").all();
    this.#ids = new Map(rows.map(({ id, name }) => [String(name), Number(id)]));
  }

  /** A subscription's number, given when it is first asked for: outside of a transaction, so that none takes it back. */
  idOf(subscription: string): number {
    let id = this.#ids.get(subscription);
    if (id === undefined) {
      id = Number(this.#statements.add.get(subscription)?.["id"]);
      this.#ids.set(subscription, id);
    }
    return id;
  }

  /** Those made at run time. */
  saved(): readonly BrokerSubscription[] {
    // Written by `save` below.
    return this.#statements.saved.all().map((row) => JSON.parse(String(row["spec"])) as BrokerSubscription);
  }

  save(id: number, subscription: BrokerSubscription): void {
    this.#statements.save.run(JSON.stringify(subscription), id);
  }

  remove(id: number): void {
    this.#statements.remove.run(id);
  }

  /** Once the removal is on disk. */
  forgetId(subscription: string): void {
    this.#ids.delete(subscription);
  }
}
