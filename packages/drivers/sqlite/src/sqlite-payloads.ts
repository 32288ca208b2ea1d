import { hash } from "node:crypto";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { KEPT_DAYS, systemClock, type Clock, type Payloads } from "@contextpilot/messaging";
import { DatabaseError } from "./database-error.ts";
import { GroupCommit } from "./group-commit.ts";
import { openDatabaseFor } from "./open-database.ts";

const MIGRATIONS = [
  "CREATE TABLE payloads (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
  // What an older house has put aside is as if it were put aside now.
  `ALTER TABLE payloads ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
   UPDATE payloads SET used_at = unixepoch() * 1000;
   CREATE INDEX payloads_by_use ON payloads (used_at);`,
];

const DAY_MS = 86_400_000;
/** Taken with one put: more than it leaves behind. */
const FORGOTTEN_AT_ONCE = 4;

export interface SqlitePayloadsOptions {
  readonly file: string;
  readonly clock?: Clock;
}

/**
 * Payloads in one SQLite file that all services of a house share. It belongs to this process alone while it is open. One that
 * was neither put nor got for 70 days, as long as an inbox remembers the event that names it, goes with one of the puts that
 * follow; nobody counts who names it, and so what waits among the dead letters for longer than that has lost it.
 */
export class SqlitePayloads implements Payloads {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #commits: GroupCommit;
  readonly #statements;

  /** Opens the file, and makes it where there is none. Throws a DatabaseError with the remedy. */
  static open(options: SqlitePayloadsOptions): SqlitePayloads {
    return openDatabaseFor(
      { file: options.file, migrations: MIGRATIONS },
      (database) => new SqlitePayloads(database, options),
    );
  }

  private constructor(database: DatabaseSync, { file, clock = systemClock }: SqlitePayloadsOptions) {
    this.#database = database;
    this.#file = file;
    this.#clock = clock;
    this.#commits = new GroupCommit(database);
    this.#statements = {
      put: database.prepare(
        `INSERT INTO payloads (hash, bytes, used_at) VALUES (?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at`,
      ),
      get: database.prepare("SELECT bytes, used_at FROM payloads WHERE hash = ?"),
      use: database.prepare("UPDATE payloads SET used_at = ? WHERE hash = ?"),
      forget: database.prepare(
        "DELETE FROM payloads WHERE hash IN (SELECT hash FROM payloads WHERE used_at < ? ORDER BY used_at LIMIT ?)",
      ),
    };
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    const now = this.#clock.now().getTime();
    await this.#commits.run(() => {
      this.#statements.put.run(name, bytes, now);
      this.#statements.forget.run(now - KEPT_DAYS * DAY_MS, FORGOTTEN_AT_ONCE);
    });
    return name;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const row = this.#read(name);
    if (!(row?.["bytes"] instanceof Uint8Array)) return undefined;
    const now = this.#clock.now().getTime();
    // Once a day: a read shall not cost a write. It is no worse read where that cannot be written.
    if (Number(row["used_at"]) < now - DAY_MS) {
      await this.#commits.run(() => this.#statements.use.run(now, name)).catch(() => undefined);
    }
    return row["bytes"];
  }

  #read(name: string): Readonly<Record<string, SQLOutputValue>> | undefined {
    try {
      return this.#statements.get.get(name);
    } catch (thrown) {
      throw DatabaseError.from(thrown, this.#file);
    }
  }

  /** Writes what is waiting and gives the file back. */
  async close(): Promise<void> {
    this.#commits.close();
    this.#database.close();
  }
}
