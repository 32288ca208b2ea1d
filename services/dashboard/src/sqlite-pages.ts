import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { DatabaseError } from "@contextpilot/sqlite";
import type { Page } from "./read-model.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;
/** SQL conditions with their values; those without a value are left out. */
export type Conditions = Readonly<Record<string, string | number | undefined>>;

/** A page ends past this, whatever its limit: one envelope may have hundreds of KiB. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** Reads the tables of one file in pages, whose cursor is a row's `seq`. Throws DatabaseErrors. */
export class SqlitePages {
  readonly #database: DatabaseSync;
  readonly #file: string;

  constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
  }

  page<T>(
    select: string,
    conditions: Conditions,
    order: "seq" | "seq DESC",
    limit: number,
    read: (row: Row) => T,
  ): Page<T> {
    const given = Object.entries(conditions).flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
    const where = given.map(({ sql }) => sql).join(" AND ");
    return this.reading(() => {
      const rows = this.#database
        .prepare(`${select} WHERE ${where} ORDER BY ${order} LIMIT ?`)
        .iterate(...given.map(({ value }) => value), limit + 1);
      const items: T[] = [];
      let last = 0;
      let characters = 0;
      for (const row of rows) {
        characters += sizeOf(row);
        const full = items.length === limit || (items.length > 0 && characters > MAX_PAGE_CHARACTERS);
        if (full) return { items, next: last };
        items.push(read(row));
        last = Number(row["seq"]);
      }
      return { items, next: null };
    });
  }

  reading<T>(read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      throw DatabaseError.from(thrown, this.#file);
    }
  }
}

function sizeOf(row: Row): number {
  return Object.values(row).reduce<number>((sum, value) => {
    if (typeof value === "string") return sum + value.length;
    return sum + (value instanceof Uint8Array ? value.byteLength : 8);
  }, 0);
}
