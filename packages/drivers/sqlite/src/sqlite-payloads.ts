import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Payloads } from "@contextpilot/messaging";
import { DatabaseError } from "./database-error.ts";
import { GroupCommit } from "./group-commit.ts";
import { openDatabaseFor } from "./open-database.ts";

const MIGRATIONS = ["CREATE TABLE payloads (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"];

/** Payloads in one SQLite file that all services of a house share. It belongs to this process alone while it is open. */
export class SqlitePayloads implements Payloads {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #commits: GroupCommit;
  readonly #statements;

  /** Opens the file, and makes it where there is none. Throws a DatabaseError with the remedy. */
  static open({ file }: { readonly file: string }): SqlitePayloads {
    return openDatabaseFor({ file, migrations: MIGRATIONS }, (database) => new SqlitePayloads(database, file));
  }

  private constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
    this.#commits = new GroupCommit(database);
    this.#statements = {
      put: database.prepare("INSERT INTO payloads (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING"),
      get: database.prepare("SELECT bytes FROM payloads WHERE hash = ?"),
    };
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    await this.#commits.run(() => this.#statements.put.run(name, bytes));
    return name;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    try {
      const bytes = this.#statements.get.get(name)?.["bytes"];
      return bytes instanceof Uint8Array ? bytes : undefined;
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
