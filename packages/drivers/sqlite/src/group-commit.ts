import type { DatabaseSync } from "node:sqlite";
import { DatabaseError } from "./database-error.ts";

interface Waiting {
  /** Runs inside the transaction; what it returns tells the caller, once the transaction is on disk. */
  readonly run: () => () => void;
  readonly reject: (failure: unknown) => void;
}

/**
 * One transaction, and one fsync, for all that is written within one turn of the event loop.
 *
 * Each unit is all or nothing by itself, and runs once: one that throws leaves nothing behind and rejects its own caller only.
 * The event loop stands still while SQLite writes and syncs.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #begin;
  readonly #commit;
  readonly #savepoint;
  readonly #release;
  readonly #undo;
  readonly #queue: Waiting[] = [];
  #nextFlush: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#file = database.location() ?? "the database";
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#savepoint = database.prepare("SAVEPOINT unit");
    this.#release = database.prepare("RELEASE unit");
    this.#undo = database.prepare("ROLLBACK TO unit");
  }

  /**
   * Runs `unit`, which reads and writes the database and returns without waiting for anything. Resolves with what it returned
   * when that is on disk. Rejects with what it threw, SQLite's errors as DatabaseError; with a DatabaseError too where the
   * commit itself failed, and nothing was written then.
   */
  run<T>(unit: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error(`${this.#file} was closed: nothing more is written`));
    return new Promise((resolve, reject) => {
      const run = () => {
        const value = unit();
        return () => resolve(value);
      };
      this.#queue.push({ run, reject });
      // Not a microtask: those run between two requests that arrived together, and would part them.
      this.#nextFlush ??= setImmediate(() => this.#flush());
    });
  }

  /** Writes what is waiting; afterwards `run` rejects. The database stays open, and is its opener's to close. */
  close(): void {
    this.#closed = true;
    clearImmediate(this.#nextFlush);
    while (this.#queue.length > 0) this.#write(this.#nextUnits());
  }

  #flush(): void {
    const units = this.#nextUnits();
    this.#nextFlush = this.#queue.length > 0 ? setImmediate(() => this.#flush()) : undefined;
    this.#write(units);
  }

  #nextUnits(): readonly Waiting[] {
    return this.#queue.splice(0, MOST_UNITS_OF_A_FLUSH);
  }

  #write(units: readonly Waiting[]): void {
    try {
      this.#begin.run();
      // A unit alone needs no savepoint: its transaction is its own.
      const answers = units.length === 1 ? units.map((unit) => unit.run()) : units.map((unit) => this.#runApart(unit));
      this.#commit.run();
      for (const answer of answers) answer();
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      const failure = DatabaseError.from(thrown, this.#file);
      for (const unit of units) unit.reject(failure);
    }
  }

  #runApart(unit: Waiting): () => void {
    this.#savepoint.run();
    try {
      const answer = unit.run();
      this.#release.run();
      return answer;
    } catch (thrown) {
      // SQLite may end the whole transaction by itself, when the disk is full for instance: then it failed for all.
      if (!this.#database.isTransaction) throw thrown;
      this.#undo.run();
      this.#release.run();
      return () => unit.reject(DatabaseError.from(thrown, this.#file));
    }
  }
}

/** Bounds how long one flush keeps the event loop: 5 to 12 ms with records of 1 KiB, measured. */
const MOST_UNITS_OF_A_FLUSH = 256;
