import type { Documents } from "../checker/check-run.ts";
import type { Ledger, Taken } from "../checker/ledger.ts";
import type { Act } from "./acts.ts";
import type { Roster } from "./roster.ts";

/** What the stores hold at the end. What each inbox record tells goes to the ledger. */
export class StoredDocuments implements Documents {
  readonly #documents = new Map<string, string>();
  readonly #ledger: Ledger;
  readonly #actedUntil: ReadonlyMap<string, number>;

  constructor(ledger: Ledger, acts: readonly Act[]) {
    this.#ledger = ledger;
    this.#actedUntil = new Map(acts.map(({ event_id, until }) => [event_id, until]));
  }

  /** `at`: when it was committed, where the store knows; of an act it is not before its end. */
  add(key: string, json: string, at?: number): void {
    if (!key.includes("/inbox/")) return void this.#documents.set(key, json);
    const value = JSON.parse(json) as { readonly event_id: string };
    this.#ledger.wrote({ create: { key, value } }, at ?? this.#actedUntil.get(value.event_id) ?? 0);
  }

  get keys(): readonly string[] {
    return [...this.#documents.keys()];
  }

  get(key: string): { readonly value: unknown } {
    const json = this.#documents.get(key);
    return { value: json === undefined ? undefined : (JSON.parse(json) as unknown) };
  }
}

/** What is said to whom it wakes is committed in a document that goes when it has been said: its record cannot be shown. */
const WAKERS: ReadonlySet<string> = new Set(["coach-agent"]);

/** Puts on the ledger what the bus took: after all that was written. */
export function see(ledger: Ledger, message: Taken, roster: Roster): void {
  const { topic, attributes } = message;
  const { source = "" } = attributes;
  if (topic.endsWith("-dlq")) {
    ledger.letters.set(attributes["dead_letter_id"] ?? "", message);
    return ledger.ended(attributes["dead_letter_consumer"] ?? "", message, "dead-lettered");
  }
  if (source in roster && !WAKERS.has(source)) ledger.publishes(source, message);
  ledger.took(message);
}
