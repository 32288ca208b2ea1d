import { closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { DatabaseError } from "./database-error.ts";

/** SQL, or what runs it where SQL alone is not enough. All that are due run in one transaction. */
export type Migration = string | ((database: DatabaseSync) => void);

/** `at-the-end`: in the order of the key, as a log is; `anywhere`: by keys of any order, as a store is. */
export type Written = "at-the-end" | "anywhere";

export interface DatabaseOptions {
  /** Path of the file; it and its folder are made where they are missing. */
  readonly file: string;
  /** What brings the schema from one version to the next. Append only: the length is the version, kept in the file. */
  readonly migrations: readonly Migration[];
  /** How its rows are mostly written. Default: `anywhere`. */
  readonly written?: Written;
  /** How long to wait for another process that still holds the file, for instance one that is stopping. Default 1,000 ms. */
  readonly waitMs?: number;
}

/**
 * Opens a database for this process alone, until it is closed or the process ends: a second house on the same data folder is
 * refused. What a COMMIT returned from is on disk (write-ahead log, an fsync each). Throws a DatabaseError.
 */
export function openDatabase({
  file,
  migrations,
  written = "anywhere",
  waitMs = 1_000,
}: DatabaseOptions): DatabaseSync {
  const path = resolve(file);
  let database: DatabaseSync | undefined;
  try {
    makeFile(path);
    database = new DatabaseSync(path, { timeout: waitMs, enableForeignKeyConstraints: true });
    configure(database, path, written);
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

/**
 * Makes the file, for its owner alone (SQLite gives its log the same mode), and its folders, and their names durable: an fsync of a
 * file does not keep its entry in the folder.
 */
function makeFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new DatabaseError("failed", path, "it is a folder");
  if (found !== undefined) return;

  const firstMade = mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, "a", 0o600));
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

function configure(database: DatabaseSync, path: string, written: Written): void {
  const { pageBytes, checkpointBytes } = TUNING[written];
  // Exclusive, and said before the first access: the lock is held for good, and the log's index is in memory, without locks.
  // A file that is there already keeps the size of its pages.
  database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = ${pageBytes}`);
  const journal = settingOf(database, "journal_mode = WAL");
  if (journal !== "wal") throw new DatabaseError("failed", path, "its file system takes no write-ahead log");
  const checkpointPages = Math.floor(checkpointBytes / Number(settingOf(database, "page_size")));
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -${CACHE_KIBIBYTES};
    PRAGMA wal_autocheckpoint = ${checkpointPages};
    PRAGMA journal_size_limit = ${LOG_BYTES_KEPT};
  `);
}

/**
 * A checkpoint keeps the event loop: 4 MiB in pages of 4 KiB for 10 ms, 2 MiB in pages of 8 KiB for 3 to 4 (docs/measurements.md).
 * Where keys come in any order each costs a page of its own, so those stay small, and more of them meet in a longer log.
 */
const TUNING = {
  "at-the-end": { pageBytes: 8_192, checkpointBytes: 2 * 1_024 * 1_024 },
  anywhere: { pageBytes: 4_096, checkpointBytes: 4 * 1_024 * 1_024 },
} as const satisfies Record<Written, { pageBytes: number; checkpointBytes: number }>;

/** A house has a database for each service, and the system's own cache beneath them all: SQLite's 2 MiB for each were no faster. */
const CACHE_KIBIBYTES = 256;

/** The log's file shrinks to this after a checkpoint that found it larger. */
const LOG_BYTES_KEPT = 16 * 1_024 * 1_024;

function settingOf(database: DatabaseSync, pragma: string): SQLOutputValue | undefined {
  return Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
}

function migrate(database: DatabaseSync, path: string, migrations: readonly Migration[]): void {
  database.exec("BEGIN IMMEDIATE");
  const version = Number(settingOf(database, "user_version"));
  if (version > migrations.length) {
    throw new DatabaseError("newer", path, `schema ${version}, this one knows ${migrations.length}`);
  }
  if (version === 0 && database.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined) {
    throw new DatabaseError("failed", path, "it holds the tables of another program");
  }
  for (const migration of migrations.slice(version)) {
    if (typeof migration === "string") database.exec(migration);
    else migration(database);
  }
  database.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}
