import type { DatabaseSync } from "node:sqlite";
import type { Page } from "../read-model.ts";
import type { Row, SqlitePages } from "../sqlite-pages.ts";
import type { Proposal, ProposalQuery, ProposedEvent } from "./proposal.ts";

/** The proposals in the read model's file, each as its latest revision. */
export class SqliteProposals {
  readonly #pages: SqlitePages;
  readonly #statements;

  constructor(database: DatabaseSync, pages: SqlitePages) {
    this.#pages = pages;
    this.#statements = prepare(database);
  }

  /** Within the transaction that keeps the event. Revisions may arrive in any order: a later one stays. */
  file(event: ProposedEvent, seenAt: string): void {
    const { proposal_id, repository, revision } = event.data;
    const envelope = JSON.stringify(event);
    this.#statements.file.run(event.tenant_id, proposal_id, repository, revision, seenAt, seenAt, envelope);
  }

  /** The one that was made last comes first. */
  page({ tenant_id, repository, limit, cursor }: ProposalQuery): Page<Proposal> {
    const conditions = { "tenant_id = ?": tenant_id, "repository = ?": repository, "seq < ?": cursor };
    return this.#pages.page("SELECT * FROM proposals", conditions, "seq DESC", limit, proposal);
  }

  get(tenantId: string, proposalId: string): Proposal | undefined {
    return this.#pages.reading(() => {
      const row = this.#statements.get.get(tenantId, proposalId);
      return row === undefined ? undefined : proposal(row);
    });
  }
}

/** What stands in its envelope was a proposal when it was kept. */
function proposal(row: Row): Proposal {
  const { data, source, event_id, correlation_id } = JSON.parse(String(row["envelope"])) as ProposedEvent;
  const [first_seen_at, seen_at] = [String(row["first_seen_at"]), String(row["seen_at"])];
  return { ...data, source, event_id, correlation_id, first_seen_at, seen_at };
}

function prepare(database: DatabaseSync) {
  return {
    file: database.prepare(
      `INSERT INTO proposals (tenant_id, proposal_id, repository, revision, first_seen_at, seen_at, envelope)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, proposal_id) DO UPDATE SET
         revision = excluded.revision, seen_at = excluded.seen_at, envelope = excluded.envelope
       WHERE excluded.revision > revision`,
    ),
    get: database.prepare("SELECT * FROM proposals WHERE tenant_id = ? AND proposal_id = ?"),
  };
}
