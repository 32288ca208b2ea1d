import type { DatabaseSync } from "node:sqlite";
import { KEPT_DAYS } from "@contextpilot/messaging";
import type { Row } from "./sqlite-pages.ts";

const DAY_MS = 86_400_000;
/** Taken with one write: more than a write leaves behind, and so little that no delivery waits for it. */
const AT_ONCE = 8;
/** Where nothing was old enough, this passes before the next look. */
const PAUSE_MS = 60_000;

/** A dead letter that somebody must still decide about, or whose decision must still be carried out. */
const WAITS = `(state = 'open' OR EXISTS (
  SELECT 1 FROM decisions WHERE status = 'pending'
    AND decisions.tenant_id = dead_letters.tenant_id AND decisions.dead_letter_id = dead_letters.dead_letter_id
))`;

/** Takes what is older than 70 days out of the read model, chain by chain, a few rows with each write. */
export class SqlitePruning {
  readonly #statements;
  #nextLook = 0;

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** Within the transaction of a write at this time. */
  prune(now: string): void {
    const time = Date.parse(now);
    if (time < this.#nextLook) return;
    const before = new Date(time - KEPT_DAYS * DAY_MS).toISOString();
    const chain = this.#statements.oldChain.get(before);
    if (chain !== undefined) this.#pruneChain(chain);
    else if (!this.#pruneChainless(before)) this.#nextLook = time + PAUSE_MS;
  }

  /** Its events first, then its dead letters: until the last step the list of chains knows it. */
  #pruneChain(chain: Row): void {
    const [tenant, id] = [String(chain["tenant_id"]), String(chain["correlation_id"])];
    const events = Number(this.#statements.removeEvents.run(tenant, id, AT_ONCE).changes);
    const letters = this.#statements.lettersOf.all(tenant, id, AT_ONCE - events);
    for (const letter of letters) this.#removeLetter(letter);
    if (events + letters.length < AT_ONCE) this.#statements.removeChain.run(tenant, id);
  }

  /** Whether there was one. */
  #pruneChainless(before: string): boolean {
    const letters = this.#statements.chainless.all(before, AT_ONCE);
    for (const letter of letters) this.#removeLetter(letter);
    return letters.length > 0;
  }

  /** With what was decided about it; its group counts one less, and goes with its last. */
  #removeLetter(letter: Row): void {
    const [tenant, id] = [String(letter["tenant_id"]), String(letter["dead_letter_id"])];
    const group = String(letter["group_id"]);
    this.#statements.removeDecisions.run(tenant, id);
    this.#statements.removeLetter.run(tenant, id);
    this.#statements.countOut.run({ tenant, group });
    this.#statements.removeEmptyGroup.run(tenant, group);
  }
}

function prepare(database: DatabaseSync) {
  return {
    oldChain: database.prepare(
      `SELECT tenant_id, correlation_id FROM chains WHERE last_seen_at < ? AND NOT EXISTS (
         SELECT 1 FROM dead_letters WHERE ${WAITS}
           AND dead_letters.tenant_id = chains.tenant_id AND dead_letters.correlation_id = chains.correlation_id
       ) ORDER BY last_seen_at LIMIT 1`,
    ),
    removeEvents: database.prepare(
      `DELETE FROM events WHERE seq IN (
         SELECT seq FROM events WHERE tenant_id = ? AND correlation_id = ? ORDER BY seq DESC LIMIT ?
       )`,
    ),
    lettersOf: database.prepare(
      "SELECT tenant_id, dead_letter_id, group_id FROM dead_letters WHERE tenant_id = ? AND correlation_id = ? LIMIT ?",
    ),
    removeChain: database.prepare("DELETE FROM chains WHERE tenant_id = ? AND correlation_id = ?"),
    chainless: database.prepare(
      `SELECT tenant_id, dead_letter_id, group_id FROM dead_letters
       WHERE correlation_id IS NULL AND last_seen_at < ? AND NOT ${WAITS} ORDER BY last_seen_at LIMIT ?`,
    ),
    removeDecisions: database.prepare("DELETE FROM decisions WHERE tenant_id = ? AND dead_letter_id = ?"),
    removeLetter: database.prepare("DELETE FROM dead_letters WHERE tenant_id = ? AND dead_letter_id = ?"),
    countOut: database.prepare(
      `UPDATE dead_letter_groups SET dead_letters = dead_letters - 1, example = coalesce((
         SELECT dead_letter_id FROM dead_letters WHERE tenant_id = $tenant AND group_id = $group ORDER BY seq DESC LIMIT 1
       ), example) WHERE tenant_id = $tenant AND group_id = $group`,
    ),
    removeEmptyGroup: database.prepare(
      "DELETE FROM dead_letter_groups WHERE tenant_id = ? AND group_id = ? AND dead_letters <= 0",
    ),
  };
}
