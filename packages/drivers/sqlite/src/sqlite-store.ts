import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import {
  AlreadyHandled,
  Conflict,
  encodeUnit,
  systemClock,
  type Clock,
  type CommitUnit,
  type EncodedDocument,
  type EncodedUnit,
  type Store,
  type StoredDocument,
} from "@contextpilot/messaging";
import { DatabaseError } from "./database-error.ts";
import { GroupCommit } from "./group-commit.ts";
import { openDatabaseFor } from "./open-database.ts";
import { MIGRATIONS, keyHash } from "./store-schema.ts";

export interface SqliteStoreOptions {
  /** One file a service: what is written together must be in one. */
  readonly file: string;
  readonly clock?: Clock;
}

/**
 * The Store in a SQLite file, which belongs to this process alone while it is open. Commits that come together share an fsync.
 * Values are kept as JSON text. An expired document goes with one of the commits that follow, a few with each.
 */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #statements;
  /** Which opening of the file this is: with it no version comes twice, whatever was deleted, and no commit writes a counter. */
  readonly #opening: string;
  #writes = 0;
  #nextForgetting = 0;

  /** Opens the file, and makes it where there is none. Throws a DatabaseError with the remedy. */
  static open(options: SqliteStoreOptions): SqliteStore {
    return openDatabaseFor(
      { file: options.file, migrations: MIGRATIONS },
      (database) => new SqliteStore(database, options),
    );
  }

  private constructor(database: DatabaseSync, { file, clock = systemClock }: SqliteStoreOptions) {
    this.#database = database;
    this.#file = file;
    this.#clock = clock;
    this.#commits = new GroupCommit(database);
    this.#statements = prepare(database);
    this.#opening = String(
      database.prepare("UPDATE store SET openings = openings + 1 RETURNING openings").get()?.["openings"],
    );
  }

  async read(keys: readonly string[]): Promise<readonly StoredDocument[]> {
    // Of one moment, because nothing else runs meanwhile. A statement with many keys was a third faster at four keys, and a
    // microsecond a key is not worth a second statement.
    try {
      return keys.map((key) => this.#readOne(key));
    } catch (thrown) {
      throw DatabaseError.from(thrown, this.#file);
    }
  }

  async commit(unit: CommitUnit): Promise<void> {
    const encoded = encodeUnit(unit);
    await this.#commits.run(() => this.#write(encoded));
  }

  async due(now: Date, limit: number): Promise<readonly StoredDocument[]> {
    try {
      return this.#statements.due.all(now.getTime(), limit).map((row) => storedDocument(String(row["key"]), row));
    } catch (thrown) {
      throw DatabaseError.from(thrown, this.#file);
    }
  }

  /** Writes what is waiting and gives the file back. */
  async close(): Promise<void> {
    this.#commits.close();
    this.#database.close();
  }

  #readOne(key: string): StoredDocument {
    return storedDocument(key, this.#statements.read.get(keyHash(key)));
  }

  #write({ create, documents }: EncodedUnit): void {
    const rows = documents.map(({ key }) => this.#statements.find.get(keyHash(key)));
    const changed = documents.find(({ expected }, index) => rows[index]?.["version"] !== expected);
    if (create !== undefined) {
      if (!this.#insert(create)) throw new AlreadyHandled(create.key);
    }
    if (changed !== undefined) throw new Conflict(changed.key);
    for (const [index, document] of documents.entries()) {
      const id = rows[index]?.["id"];
      if (document.kind === "delete" && id !== undefined) this.#statements.remove.run(id);
      if (document.kind !== "set") continue;
      if (id === undefined) this.#insert(document);
      else this.#update(id, document);
    }
    this.#forgetExpired();
  }

  /** False where the key is there already. */
  #insert({ key, json, expiresAt, dueAt }: EncodedDocument): boolean {
    const version = this.#nextVersion();
    const times = [expiresAt ?? null, dueAt ?? null];
    return this.#statements.insert.run(keyHash(key), key, json, version, ...times).changes !== 0;
  }

  #update(id: SQLOutputValue, { json, expiresAt, dueAt }: EncodedDocument): void {
    this.#statements.update.run(json, this.#nextVersion(), expiresAt ?? null, dueAt ?? null, id);
  }

  #nextVersion(): string {
    this.#writes += 1;
    return `${this.#opening}.${this.#writes}`;
  }

  /** Each commit takes more than it usually leaves behind, until nothing is due; then a second passes before the next look. */
  #forgetExpired(): void {
    const now = this.#clock.now().getTime();
    if (now < this.#nextForgetting) return;
    const { changes } = this.#statements.forget.run(now, FORGOTTEN_AT_ONCE);
    if (Number(changes) < FORGOTTEN_AT_ONCE) this.#nextForgetting = now + 1_000;
  }
}

function storedDocument(key: string, row: Readonly<Record<string, SQLOutputValue>> | undefined): StoredDocument {
  if (row === undefined) return { key, value: undefined, version: undefined };
  return { key, value: JSON.parse(String(row["value"])) as unknown, version: String(row["version"]) };
}

/** Small, because each goes from a random place of the key's tree, and a commit that comes in waits for it. */
const FORGOTTEN_AT_ONCE = 4;

function prepare(database: DatabaseSync) {
  return {
    read: database.prepare("SELECT value, version FROM documents WHERE key_hash = ?"),
    due: database.prepare("SELECT key, value, version FROM documents WHERE due_at <= ? ORDER BY due_at LIMIT ?"),
    find: database.prepare("SELECT id, version FROM documents WHERE key_hash = ?"),
    insert: database.prepare(
      `INSERT INTO documents (key_hash, key, value, version, expires_at, due_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (key_hash) DO NOTHING`,
    ),
    update: database.prepare("UPDATE documents SET value = ?, version = ?, expires_at = ?, due_at = ? WHERE id = ?"),
    remove: database.prepare("DELETE FROM documents WHERE id = ?"),
    forget: database.prepare(
      "DELETE FROM documents WHERE id IN (SELECT id FROM documents WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
    ),
  };
}
