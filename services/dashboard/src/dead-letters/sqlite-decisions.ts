import type { DatabaseSync } from "node:sqlite";
import type { GroupCommit } from "@contextpilot/sqlite";
import type { DeadLetterState, KeptDeadLetter, Page } from "../read-model.ts";
import type { Row, SqlitePages } from "../sqlite-pages.ts";
import {
  DECIDED_FROM,
  STATE_AFTER,
  type Decided,
  type Decision,
  type Decisions,
  type NewDecision,
  type OpenQuery,
  type PendingDecision,
  type Settlement,
} from "./decisions.ts";
import { filedDeadLetter } from "./filed-dead-letter.ts";

/** The decisions in the read model's file, so that a dead letter and what was decided about it change together. */
export class SqliteDecisions implements Decisions {
  readonly #commits: GroupCommit;
  readonly #pages: SqlitePages;
  readonly #statements;

  constructor(database: DatabaseSync, commits: GroupCommit, pages: SqlitePages) {
    this.#commits = commits;
    this.#pages = pages;
    this.#statements = prepare(database);
  }

  decide(decisions: readonly NewDecision[]): Promise<readonly Decided[]> {
    return this.#commits.run(() => decisions.map((decision) => this.#decide(decision)));
  }

  #decide({ tenant_id, dead_letter_id, kind, by, at, data }: NewDecision): Decided {
    const row = this.#statements.state.get(tenant_id, dead_letter_id);
    const state = row === undefined ? undefined : stateIn(row);
    const allowed: readonly DeadLetterState[] = DECIDED_FROM[kind];
    if (row === undefined || state === undefined || !allowed.includes(state)) return { ok: false, state };
    this.#move(tenant_id, dead_letter_id, state, STATE_AFTER[kind]);
    const status: Decision["status"] = kind === "discard" ? "done" : "pending";
    const { lastInsertRowid } = this.#statements.record.run(
      tenant_id,
      dead_letter_id,
      kind,
      by,
      at,
      status,
      state,
      data ?? null,
    );
    return { ok: true, decision: Number(lastInsertRowid) };
  }

  settle(settlements: readonly Settlement[]): Promise<void> {
    return this.#commits.run(() => {
      for (const settlement of settlements) this.#settle(settlement);
    });
  }

  #settle(settlement: Settlement): void {
    const failed = "problem" in settlement;
    const row = this.#statements.settle.get(
      failed ? "failed" : "done",
      failed ? null : settlement.message_id,
      failed ? settlement.problem : null,
      settlement.decision,
    );
    if (row === undefined || !failed) return;
    const [tenant, id] = [String(row["tenant_id"]), String(row["dead_letter_id"])];
    const now = this.#statements.state.get(tenant, id);
    if (now !== undefined) this.#move(tenant, id, stateIn(now), String(row["state_before"]) as DeadLetterState);
  }

  /** Keeps the group's number of open ones true. */
  #move(tenant: string, id: string, from: DeadLetterState, to: DeadLetterState): void {
    this.#statements.move.run(to, tenant, id);
    const opened = Number(to === "open") - Number(from === "open");
    if (opened !== 0) this.#statements.countOpen.run(opened, tenant, tenant, id);
  }

  async pending(limit: number): Promise<readonly PendingDecision[]> {
    return this.#pages.reading(() =>
      this.#statements.pending.all(limit).map((row) => ({
        decision: Number(row["decision"]),
        kind: String(row["kind"]) as PendingDecision["kind"],
        kept: keptDeadLetter(row),
        data: row["sent"] instanceof Uint8Array ? row["sent"] : undefined,
      })),
    );
  }

  async open({ tenant_id, group_id, cursor, up_to, limit }: OpenQuery): Promise<Page<KeptDeadLetter>> {
    const conditions = {
      "tenant_id = ?": tenant_id,
      "state = ?": "open",
      "group_id = ?": group_id,
      "seq > ?": cursor,
      "seq <= ?": up_to,
    };
    return this.#pages.page("SELECT * FROM dead_letters", conditions, "seq", limit, keptDeadLetter);
  }

  async newest(tenantId: string): Promise<number> {
    return this.#pages.reading(() => Number(this.#statements.newest.get(tenantId)?.["seq"] ?? 0));
  }
}

// What stands in the file was written by this class.

const stateIn = (row: Row): DeadLetterState => String(row["state"]) as DeadLetterState;

function keptDeadLetter(row: Row): KeptDeadLetter {
  return {
    deadLetter: filedDeadLetter(row),
    data: row["data"] instanceof Uint8Array ? row["data"] : new Uint8Array(),
  };
}

function prepare(database: DatabaseSync) {
  return {
    state: database.prepare("SELECT state FROM dead_letters WHERE tenant_id = ? AND dead_letter_id = ?"),
    move: database.prepare("UPDATE dead_letters SET state = ? WHERE tenant_id = ? AND dead_letter_id = ?"),
    countOpen: database.prepare(
      `UPDATE dead_letter_groups SET open = open + ? WHERE tenant_id = ?
         AND group_id = (SELECT group_id FROM dead_letters WHERE tenant_id = ? AND dead_letter_id = ?)`,
    ),
    record: database.prepare(
      `INSERT INTO decisions (tenant_id, dead_letter_id, kind, decided_by, decided_at, status, state_before, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    settle: database.prepare(
      `UPDATE decisions SET status = ?, message_id = ?, problem = ? WHERE seq = ? AND status = 'pending'
       RETURNING tenant_id, dead_letter_id, state_before`,
    ),
    pending: database.prepare(
      `SELECT decisions.seq AS decision, kind, decisions.data AS sent, dead_letters.*
       FROM decisions JOIN dead_letters USING (tenant_id, dead_letter_id)
       WHERE status = 'pending' ORDER BY decisions.seq LIMIT ?`,
    ),
    newest: database.prepare("SELECT max(seq) AS seq FROM dead_letters WHERE tenant_id = ?"),
  };
}
