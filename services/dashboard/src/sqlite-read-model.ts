import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { parseEventType, type Envelope } from "@contextpilot/events";
import { DatabaseError, GroupCommit, openDatabase } from "@contextpilot/sqlite";
import type {
  Chain,
  Counts,
  DeadLetter,
  EventQuery,
  KeptDeadLetter,
  Page,
  PageQuery,
  ReadModel,
  SeenEvent,
} from "./read-model.ts";
import { MIGRATIONS } from "./schema.ts";

type Row = Readonly<Record<string, SQLOutputValue>>;
/** SQL conditions with their values; those without a value are left out. */
type Conditions = Readonly<Record<string, string | number | undefined>>;

/** A page ends past this, whatever its limit: one envelope may have hundreds of KiB. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** The read model in one SQLite file, which belongs to this process alone while it is open. What is kept together shares an fsync. */
export class SqliteReadModel implements ReadModel {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #commits: GroupCommit;
  readonly #statements;

  /** Opens the file, and makes it where there is none. Throws a DatabaseError with the remedy. */
  static open({ file }: { readonly file: string }): SqliteReadModel {
    const database = openDatabase({ file, migrations: MIGRATIONS });
    try {
      return new SqliteReadModel(database, file);
    } catch (thrown) {
      database.close();
      throw DatabaseError.from(thrown, file);
    }
  }

  private constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
    this.#commits = new GroupCommit(database);
    this.#statements = prepare(database);
  }

  keepEvent(event: Envelope, seenAt: string): Promise<boolean> {
    const { tenant_id, event_id, event_type, correlation_id, user_id = null } = event;
    const family = parseEventType(event_type)?.family ?? event_type;
    const envelope = JSON.stringify(event);
    return this.#commits.run(() => {
      const { changes } = this.#statements.keepEvent.run(
        tenant_id,
        event_id,
        event_type,
        family,
        correlation_id,
        user_id,
        seenAt,
        envelope,
      );
      if (changes === 0) return false;
      this.#statements.countInChain.run(tenant_id, correlation_id, seenAt, seenAt, 1, 0);
      return true;
    });
  }

  keepDeadLetter(deadLetter: DeadLetter, data: Uint8Array): Promise<boolean> {
    const { tenant_id, dead_letter_id, correlation_id, seen_at } = deadLetter;
    const record = JSON.stringify(deadLetter);
    return this.#commits.run(() => {
      const { changes } = this.#statements.keepDeadLetter.run(
        tenant_id,
        dead_letter_id,
        correlation_id ?? null,
        record,
        data,
      );
      if (changes === 0) return false;
      if (correlation_id !== undefined) {
        this.#statements.countInChain.run(tenant_id, correlation_id, seen_at, seen_at, 0, 1);
      }
      return true;
    });
  }

  async events({ tenant_id, type, person, limit, cursor }: EventQuery): Promise<Page<SeenEvent>> {
    const parsed = type === undefined ? undefined : parseEventType(type);
    const conditions = {
      "tenant_id = ?": tenant_id,
      "family = ?": parsed?.family ?? type,
      "event_type = ?": parsed === undefined ? undefined : type,
      "user_id = ?": person,
      "seq < ?": cursor,
    };
    return this.#page("SELECT seq, seen_at, envelope FROM events", conditions, "seq DESC", limit, seenEvent);
  }

  async chain({
    tenant_id,
    correlation_id,
    limit,
    cursor,
  }: PageQuery & { readonly correlation_id: string }): Promise<Page<SeenEvent>> {
    const conditions = { "tenant_id = ?": tenant_id, "correlation_id = ?": correlation_id, "seq > ?": cursor };
    return this.#page("SELECT seq, seen_at, envelope FROM events", conditions, "seq", limit, seenEvent);
  }

  async chains({ tenant_id, limit, cursor }: PageQuery): Promise<Page<Chain>> {
    const conditions = { "tenant_id = ?": tenant_id, "seq < ?": cursor };
    // The event that began a chain has given it its name.
    const select = `SELECT chains.*, (SELECT json_object('event', json(envelope), 'seen_at', seen_at) FROM events
      WHERE events.tenant_id = chains.tenant_id AND event_id = chains.correlation_id) AS root FROM chains`;
    return this.#page(select, conditions, "seq DESC", limit, chain);
  }

  async deadLetters({
    tenant_id,
    correlation_id,
    limit,
    cursor,
  }: PageQuery & { readonly correlation_id?: string | undefined }): Promise<Page<DeadLetter>> {
    const conditions = { "tenant_id = ?": tenant_id, "correlation_id = ?": correlation_id, "seq < ?": cursor };
    return this.#page("SELECT seq, record FROM dead_letters", conditions, "seq DESC", limit, deadLetter);
  }

  async deadLetter(tenantId: string, deadLetterId: string): Promise<KeptDeadLetter | undefined> {
    return this.#reading(() => {
      const row = this.#statements.deadLetter.get(tenantId, deadLetterId);
      return row?.["data"] instanceof Uint8Array ? { deadLetter: deadLetter(row), data: row["data"] } : undefined;
    });
  }

  async counts(tenantId: string): Promise<Counts> {
    return this.#reading(() => {
      const row = this.#statements.counts.get({ tenant: tenantId });
      return {
        chains: Number(row?.["chains"]),
        events: Number(row?.["events"]),
        nudges: Number(row?.["nudges"]),
        dead_letters: Number(row?.["dead_letters"]),
      };
    });
  }

  /** Writes what is waiting and gives the file back. */
  async close(): Promise<void> {
    this.#commits.close();
    this.#database.close();
  }

  #page<T>(
    select: string,
    conditions: Conditions,
    order: "seq" | "seq DESC",
    limit: number,
    read: (row: Row) => T,
  ): Page<T> {
    const given = Object.entries(conditions).flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
    const where = given.map(({ sql }) => sql).join(" AND ");
    return this.#reading(() => {
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

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      throw DatabaseError.from(thrown, this.#file);
    }
  }
}

function sizeOf(row: Row): number {
  return Object.values(row).reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0);
}

// What stands in the file was written by this class.

function seenEvent(row: Row): SeenEvent {
  return { event: JSON.parse(String(row["envelope"])) as Envelope, seen_at: String(row["seen_at"]) };
}

function chain(row: Row): Chain {
  return {
    correlation_id: String(row["correlation_id"]),
    first_seen_at: String(row["first_seen_at"]),
    last_seen_at: String(row["last_seen_at"]),
    events: Number(row["events"]),
    dead_letters: Number(row["dead_letters"]),
    root: JSON.parse(typeof row["root"] === "string" ? row["root"] : "null") as SeenEvent | null,
  };
}

function deadLetter(row: Row): DeadLetter {
  return JSON.parse(String(row["record"])) as DeadLetter;
}

function prepare(database: DatabaseSync) {
  return {
    keepEvent: database.prepare(
      `INSERT INTO events (tenant_id, event_id, event_type, family, correlation_id, user_id, seen_at, envelope)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, event_id) DO NOTHING`,
    ),
    keepDeadLetter: database.prepare(
      `INSERT INTO dead_letters (tenant_id, dead_letter_id, correlation_id, record, data)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant_id, dead_letter_id) DO NOTHING`,
    ),
    countInChain: database.prepare(
      `INSERT INTO chains (tenant_id, correlation_id, first_seen_at, last_seen_at, events, dead_letters)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, correlation_id) DO UPDATE SET
         last_seen_at = excluded.last_seen_at,
         events = events + excluded.events,
         dead_letters = dead_letters + excluded.dead_letters`,
    ),
    counts: database.prepare(
      `SELECT (SELECT count(*) FROM chains WHERE tenant_id = $tenant) AS chains,
         (SELECT count(*) FROM events WHERE tenant_id = $tenant) AS events,
         (SELECT count(*) FROM events WHERE tenant_id = $tenant AND family = 'coach.nudge') AS nudges,
         (SELECT count(*) FROM dead_letters WHERE tenant_id = $tenant) AS dead_letters`,
    ),
    deadLetter: database.prepare("SELECT record, data FROM dead_letters WHERE tenant_id = ? AND dead_letter_id = ?"),
  };
}
