import type { DatabaseSync } from "node:sqlite";
import { parseEventType, type Envelope } from "@contextpilot/events";
import { GroupCommit, openDatabaseFor } from "@contextpilot/sqlite";
import { causeOf, groupIdOf } from "./dead-letters/cause.ts";
import type { Decision, Decisions } from "./dead-letters/decisions.ts";
import { decision, filedDeadLetter } from "./dead-letters/filed-dead-letter.ts";
import { SqliteDecisions } from "./dead-letters/sqlite-decisions.ts";
import type {
  Chain,
  Counts,
  DeadLetter,
  DeadLetterGroup,
  DeadLetterQuery,
  EventQuery,
  FiledDeadLetter,
  GroupQuery,
  KeptDeadLetter,
  Page,
  PageQuery,
  ReadModel,
  SeenEvent,
} from "./read-model.ts";
import type { Proposal, ProposalQuery, ProposedEvent } from "./proposals/proposal.ts";
import { SqliteProposals } from "./proposals/sqlite-proposals.ts";
import type { ReplayRuns } from "./replays/replay-runs.ts";
import { SqliteReplayRuns } from "./replays/sqlite-replay-runs.ts";
import { MIGRATIONS } from "./schema.ts";
import { seenEvent } from "./seen-event.ts";
import { SqlitePages, type Row } from "./sqlite-pages.ts";
import { SqlitePruning } from "./sqlite-pruning.ts";

/** The read model in one SQLite file, which belongs to this process alone while it is open. What is kept together shares an fsync. Each write takes a little of what is old away. */
export class SqliteReadModel implements ReadModel {
  readonly decisions: Decisions;
  readonly replayRuns: ReplayRuns;
  readonly #database: DatabaseSync;
  readonly #commits: GroupCommit;
  readonly #pages: SqlitePages;
  readonly #proposals: SqliteProposals;
  readonly #pruning: SqlitePruning;
  readonly #statements;

  /** Opens the file, and makes it where there is none. Throws a DatabaseError with the remedy. */
  static open({ file }: { readonly file: string }): SqliteReadModel {
    return openDatabaseFor({ file, migrations: MIGRATIONS }, (database) => new SqliteReadModel(database, file));
  }

  private constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#commits = new GroupCommit(database);
    this.#pages = new SqlitePages(database, file);
    this.#proposals = new SqliteProposals(database, this.#pages);
    this.#pruning = new SqlitePruning(database);
    this.#statements = prepare(database);
    this.decisions = new SqliteDecisions(database, this.#commits, this.#pages);
    this.replayRuns = new SqliteReplayRuns(database, this.#commits, this.#pages);
    this.#groupOlder();
  }

  /** Dead letters that a house without groups has kept. */
  #groupOlder(): void {
    const rows = this.#statements.ungrouped.all();
    if (rows.length === 0) return;
    this.#database.exec("BEGIN IMMEDIATE");
    for (const row of rows) {
      const deadLetter = filedDeadLetter(row);
      this.#statements.setGroup.run(this.#countInGroup(deadLetter), Number(row["seq"]));
    }
    this.#database.exec("COMMIT");
  }

  keepEvent(event: Envelope, seenAt: string, proposed?: ProposedEvent): Promise<boolean> {
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
        event.replay_generation ?? null,
        event.trace_id ?? null,
        event.source_agent_id ?? null,
      );
      if (changes === 0) return false;
      this.#statements.countInChain.run(tenant_id, correlation_id, seenAt, seenAt, 1, 0);
      if (proposed !== undefined) this.#proposals.file(proposed, seenAt);
      this.#pruning.prune(seenAt);
      return true;
    });
  }

  keepDeadLetter(deadLetter: DeadLetter, data: Uint8Array): Promise<boolean> {
    const { tenant_id, dead_letter_id, correlation_id, seen_at } = deadLetter;
    const record = JSON.stringify(deadLetter);
    return this.#commits.run(() => {
      if (this.#statements.seenAgain.run(seen_at, tenant_id, dead_letter_id).changes > 0) return false;
      const group = this.#countInGroup(deadLetter);
      const chain = correlation_id ?? null;
      this.#statements.keepDeadLetter.run(tenant_id, dead_letter_id, chain, record, data, seen_at, group);
      if (correlation_id !== undefined) {
        this.#statements.countInChain.run(tenant_id, correlation_id, seen_at, seen_at, 0, 1);
      }
      this.#pruning.prune(seen_at);
      return true;
    });
  }

  /** Gives the group's id. */
  #countInGroup(deadLetter: DeadLetter): string {
    const { tenant_id, dead_letter_id, seen_at } = deadLetter;
    const cause = causeOf(deadLetter);
    const group = groupIdOf(cause);
    const { consumer, code, event_type } = cause;
    this.#statements.countInGroup.run(
      tenant_id,
      group,
      consumer,
      code,
      event_type,
      cause.cause,
      seen_at,
      seen_at,
      dead_letter_id,
    );
    return group;
  }

  async events({ tenant_id, type, person, trace, agent, limit, cursor }: EventQuery): Promise<Page<SeenEvent>> {
    const parsed = type === undefined ? undefined : parseEventType(type);
    const conditions = {
      "tenant_id = ?": tenant_id,
      "family = ?": parsed?.family ?? type,
      "event_type = ?": parsed === undefined ? undefined : type,
      "user_id = ?": person,
      "trace_id = ?": trace,
      "source_agent_id = ?": agent,
      "seq < ?": cursor,
    };
    return this.#pages.page("SELECT seq, seen_at, envelope FROM events", conditions, "seq DESC", limit, seenEvent);
  }

  async chain({
    tenant_id,
    correlation_id,
    limit,
    cursor,
  }: PageQuery & { readonly correlation_id: string }): Promise<Page<SeenEvent>> {
    const conditions = { "tenant_id = ?": tenant_id, "correlation_id = ?": correlation_id, "seq > ?": cursor };
    return this.#pages.page("SELECT seq, seen_at, envelope FROM events", conditions, "seq", limit, seenEvent);
  }

  async chains({ tenant_id, limit, cursor }: PageQuery): Promise<Page<Chain>> {
    const conditions = { "tenant_id = ?": tenant_id, "seq < ?": cursor };
    // The event that began a chain has given it its name.
    const select = `SELECT chains.*, (SELECT json_object('event', json(envelope), 'seen_at', seen_at) FROM events
      WHERE events.tenant_id = chains.tenant_id AND event_id = chains.correlation_id) AS root FROM chains`;
    return this.#pages.page(select, conditions, "seq DESC", limit, chain);
  }

  async deadLetters(query: DeadLetterQuery): Promise<Page<FiledDeadLetter>> {
    const conditions = {
      "tenant_id = ?": query.tenant_id,
      "correlation_id = ?": query.correlation_id,
      "state = ?": query.state,
      "group_id = ?": query.group_id,
      "seq < ?": query.cursor,
    };
    const select = "SELECT seq, record, state, group_id, arrivals, last_seen_at FROM dead_letters";
    return this.#pages.page(select, conditions, "seq DESC", query.limit, filedDeadLetter);
  }

  async deadLetterGroups({ tenant_id, open, limit, cursor }: GroupQuery): Promise<Page<DeadLetterGroup>> {
    const conditions = { "tenant_id = ?": tenant_id, "open > ?": open === true ? 0 : undefined, "seq < ?": cursor };
    return this.#pages.page("SELECT * FROM dead_letter_groups", conditions, "seq DESC", limit, deadLetterGroup);
  }

  async deadLetter(tenantId: string, deadLetterId: string): Promise<KeptDeadLetter | undefined> {
    return this.#pages.reading(() => {
      const row = this.#statements.deadLetter.get(tenantId, deadLetterId);
      return row?.["data"] instanceof Uint8Array ? { deadLetter: filedDeadLetter(row), data: row["data"] } : undefined;
    });
  }

  async decisionsAbout(tenantId: string, deadLetterId: string): Promise<readonly Decision[]> {
    return this.#pages.reading(() => this.#statements.decisionsAbout.all(tenantId, deadLetterId).map(decision));
  }

  async proposals(query: ProposalQuery): Promise<Page<Proposal>> {
    return this.#proposals.page(query);
  }

  async proposal(tenantId: string, proposalId: string): Promise<Proposal | undefined> {
    return this.#proposals.get(tenantId, proposalId);
  }

  async counts(tenantId: string): Promise<Counts> {
    return this.#pages.reading(() => {
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
}

// What stands in the file was written by this class.

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

function deadLetterGroup(row: Row): DeadLetterGroup {
  return {
    group_id: String(row["group_id"]),
    consumer: String(row["consumer"]),
    code: String(row["code"]),
    event_type: typeof row["event_type"] === "string" ? row["event_type"] : null,
    cause: String(row["cause"]),
    dead_letters: Number(row["dead_letters"]),
    open: Number(row["open"]),
    first_seen_at: String(row["first_seen_at"]),
    last_seen_at: String(row["last_seen_at"]),
    example: String(row["example"]),
  };
}

function prepare(database: DatabaseSync) {
  return {
    keepEvent: database.prepare(
      `INSERT INTO events
         (tenant_id, event_id, event_type, family, correlation_id, user_id, seen_at, envelope, replay_generation,
          trace_id, source_agent_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, event_id) DO NOTHING`,
    ),
    keepDeadLetter: database.prepare(
      `INSERT INTO dead_letters (tenant_id, dead_letter_id, correlation_id, record, data, last_seen_at, group_id)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    seenAgain: database.prepare(
      "UPDATE dead_letters SET arrivals = arrivals + 1, last_seen_at = ? WHERE tenant_id = ? AND dead_letter_id = ?",
    ),
    ungrouped: database.prepare(
      `SELECT seq, record, state, group_id, arrivals, last_seen_at FROM dead_letters WHERE group_id = '' ORDER BY seq`,
    ),
    setGroup: database.prepare("UPDATE dead_letters SET group_id = ? WHERE seq = ?"),
    countInGroup: database.prepare(
      `INSERT INTO dead_letter_groups
         (tenant_id, group_id, consumer, code, event_type, cause, dead_letters, open, first_seen_at, last_seen_at, example)
       VALUES (?, ?, ?, ?, ?, ?, 1, 1, ?, ?, ?) ON CONFLICT (tenant_id, group_id) DO UPDATE SET
         dead_letters = dead_letters + 1,
         open = open + 1,
         last_seen_at = excluded.last_seen_at,
         example = excluded.example`,
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
    decisionsAbout: database.prepare("SELECT * FROM decisions WHERE tenant_id = ? AND dead_letter_id = ? ORDER BY seq"),
    deadLetter: database.prepare("SELECT * FROM dead_letters WHERE tenant_id = ? AND dead_letter_id = ?"),
  };
}
