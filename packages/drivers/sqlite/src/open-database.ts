import { closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseError } from "./database-error.ts";

export interface DatabaseOptions {
  /** Path of the file; it and its folder are made where they are missing. */
  readonly file: string;
  /** SQL that brings the schema from one version to the next. Append only: the length is the version, kept in the file. */
  readonly migrations: readonly string[];
  /** How long to wait for another process that still holds the file, for instance one that is stopping. Default 1,000 ms. */
  readonly waitMs?: number;
}

/**
 * Opens a database for this process alone, until it is closed or the process ends: a second house on the same data folder is
 * refused. What a COMMIT returned from is on disk (write-ahead log, an fsync each). Throws a DatabaseError.
 */
export function openDatabase({ file, migrations, waitMs = 1_000 }: DatabaseOptions): DatabaseSync {
  const path = resolve(file);
  let database: DatabaseSync | undefined;
  try {
    makeFile(path);
    database = new DatabaseSync(path, { timeout: waitMs, enableForeignKeyConstraints: true });
    configure(database, path);
    migrate(database, path, migrations);
    return database;
  } catch (thrown) {
    database?.close();
    throw DatabaseError.from(thrown, path);
  }
}

/**
 * Opens a database for what is built on it: where that cannot be made, the file is given back. Throws a DatabaseError.
 *
 * @param make prepares its statements, reads what it needs
 */
export function openDatabaseFor<T>(options: DatabaseOptions, make: (database: DatabaseSync) => T): T {
  const database = openDatabase(options);
  try {
    return make(database);
  } catch (thrown) {
    database.close();
    throw DatabaseError.from(thrown, options.file);
  }
}

/** Makes the file and its folders, and their names durable: an fsync of a file does not keep its entry in the folder. */
function makeFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new DatabaseError("failed", path, "it is a folder");
  if (found !== undefined) return;

  const firstMade = mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, "a"));
  const top = dirname(firstMade ?? path);
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    sync(folder);
    if (folder === top) return;
  }
}

function sync(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function configure(database: DatabaseSync, path: string): void {
  // Exclusive, and said before the first access: the lock is held for good, and the log's index is in memory, without locks.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  const journal = database.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
  if (journal !== "wal") throw new DatabaseError("failed", path, "its file system takes no write-ahead log");
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = ${LOG_BYTES_KEPT};
  `);
}

/** The log's file shrinks to this after a checkpoint that found it larger. */
const LOG_BYTES_KEPT = 16 * 1_024 * 1_024;

function migrate(database: DatabaseSync, path: string, migrations: readonly string[]): void {
  database.exec("BEGIN IMMEDIATE");
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new DatabaseError("newer", path, `schema ${version}, this one knows ${migrations.length}`);
  }
  if (version === 0 && database.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined) {
    throw new DatabaseError("failed", path, "it holds the tables of another program");
  }
  for (const migration of migrations.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}
