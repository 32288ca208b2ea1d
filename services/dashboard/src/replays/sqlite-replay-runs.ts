import type { DatabaseSync } from "node:sqlite";
import { parseEventType } from "@contextpilot/events";
import type { GroupCommit } from "@contextpilot/sqlite";
import { resolveTopology } from "@contextpilot/topology";
import type { Page, PageQuery, SeenEvent } from "../read-model.ts";
import { seenEvent } from "../seen-event.ts";
import type { Conditions, Row, SqlitePages } from "../sqlite-pages.ts";
import {
  shownRun,
  type PlacedRun,
  type ReplayCount,
  type ReplayRun,
  type ReplayRuns,
  type ReplaySelection,
} from "./replay-runs.ts";

const { topics } = resolveTopology();

/** The replays in the read model's file, beside the events. */
export class SqliteReplayRuns implements ReplayRuns {
  readonly #commits: GroupCommit;
  readonly #pages: SqlitePages;
  readonly #database: DatabaseSync;
  readonly #statements;

  constructor(database: DatabaseSync, commits: GroupCommit, pages: SqlitePages) {
    this.#database = database;
    this.#commits = commits;
    this.#pages = pages;
    this.#statements = prepare(database);
  }

  async count(selection: ReplaySelection): Promise<ReplayCount> {
    return this.#pages.reading(() => this.#count(selection));
  }

  #count(selection: ReplaySelection): ReplayCount {
    const given = Object.entries(conditionsOf(selection)).flatMap(([sql, value]) =>
      value === undefined ? [] : [{ sql, value }],
    );
    const rows = this.#database
      .prepare(
        `SELECT event_type, count(*) AS events FROM events WHERE ${given.map(({ sql }) => sql).join(" AND ")}
         GROUP BY event_type ORDER BY event_type`,
      )
      .all(...given.map(({ value }) => value));
    const by_type = Object.fromEntries(rows.map((row) => [String(row["event_type"]), Number(row["events"])]));
    return { events: Object.values(by_type).reduce((sum, events) => sum + events, 0), by_type };
  }

  begin({
    generation,
    selection,
    begun_by,
    begun_at,
  }: Pick<ReplayRun, "generation" | "selection" | "begun_by" | "begun_at">): Promise<PlacedRun> {
    return this.#commits.run(() => {
      const { events } = this.#count(selection);
      const row = this.#statements.begin.get(
        selection.tenant_id,
        generation,
        JSON.stringify(selection),
        begun_by,
        begun_at,
        events,
      );
      if (row === undefined) throw new TypeError("the replay was not written");
      return placedRun(row);
    });
  }

  async run(tenantId: string, generation: string): Promise<PlacedRun | undefined> {
    return this.#pages.reading(() => {
      const row = this.#statements.run.get(tenantId, generation);
      return row === undefined ? undefined : placedRun(row);
    });
  }

  async runs({ tenant_id, limit, cursor }: PageQuery): Promise<Page<ReplayRun>> {
    const conditions = { "tenant_id = ?": tenant_id, "seq < ?": cursor };
    return this.#pages.page("SELECT * FROM replays", conditions, "seq DESC", limit, (row) => shownRun(placedRun(row)));
  }

  async events({ selection, said_to, up_to }: PlacedRun, limit: number): Promise<Page<SeenEvent>> {
    const conditions = { ...conditionsOf(selection), "seq > ?": said_to, "seq <= ?": up_to };
    return this.#pages.page("SELECT seq, seen_at, envelope FROM events", conditions, "seq", limit, seenEvent);
  }

  advance(
    { generation, said_to: from }: PlacedRun,
    { said_to, said, ended_at }: { said_to: number; said: number; ended_at: string | null },
  ): Promise<void> {
    return this.#commits.run(() => void this.#statements.advance.run(said_to, said, ended_at, generation, from));
  }
}

function conditionsOf({ tenant_id, type, topic, correlation_id, from, to }: ReplaySelection): Conditions {
  const version = type === undefined ? undefined : parseEventType(type);
  // Only what has a topic can be said again.
  const families = topics.flatMap(({ name, families }) => (topic === undefined || topic === name ? families : []));
  return {
    "tenant_id = ?": tenant_id,
    "coalesce(replay_generation, '') = ?": "",
    "family IN (SELECT value FROM json_each(?))": JSON.stringify(families),
    "family = ?": version?.family ?? type,
    "event_type = ?": version === undefined ? undefined : type,
    "correlation_id = ?": correlation_id,
    "seen_at >= ?": from,
    "seen_at < ?": to,
  };
}

// What stands in the file was written by this class.

function placedRun(row: Row): PlacedRun {
  return {
    generation: String(row["generation"]),
    selection: JSON.parse(String(row["selection"])) as ReplaySelection,
    begun_by: String(row["begun_by"]),
    begun_at: String(row["begun_at"]),
    events: Number(row["events"]),
    said: Number(row["said"]),
    ended_at: typeof row["ended_at"] === "string" ? row["ended_at"] : null,
    said_to: Number(row["said_to"]),
    up_to: Number(row["up_to"]),
  };
}

function prepare(database: DatabaseSync) {
  return {
    begin: database.prepare(
      `INSERT INTO replays (tenant_id, generation, selection, begun_by, begun_at, events, said, said_to, up_to)
       VALUES (?, ?, ?, ?, ?, ?, 0, 0, (SELECT coalesce(max(seq), 0) FROM events)) RETURNING *`,
    ),
    run: database.prepare("SELECT * FROM replays WHERE tenant_id = ? AND generation = ?"),
    advance: database.prepare(
      `UPDATE replays SET said_to = ?, said = said + ?, ended_at = ? WHERE generation = ? AND said_to = ? AND ended_at IS NULL`,
    ),
  };
}
