import { passes, parseFilter } from "@contextpilot/topology";
import type { Ledger } from "./ledger.ts";
import { sides, tallies, type Heard } from "./witnesses.ts";

/** What the stores hold, by key: `<tenant>/<service>/<collection>/…`. */
export interface Documents {
  readonly keys: readonly string[];
  get(key: string): { readonly value: unknown };
}

/** A run that has come to its end. */
export interface EndedRun {
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly subscriptions: readonly Heard[];
  /** Which repositories the commits were in, and how many there were. */
  readonly repositories: readonly string[];
  readonly commits: number;
  readonly now: Date;
  /** Whether what was dead was brought back and handled, or may stay dead. */
  readonly deadLetters: "mended" | "stay";
}

/** Looks whether every promise held, now that nothing is left to be done. What did not is put on the ledger. */
export function checkRun(run: EndedRun): void {
  everythingEnded(run);
  everythingWasSaid(run);
  countedOnce(run);
  onlyOneSide(run);
  workedAlone(run);
  noClaimIsLeft(run);
}

/** accepted = handled + skipped + dead-lettered, for everybody who hears it; and what was dead was mended, where it is. */
function everythingEnded({ ledger, subscriptions, deadLetters }: EndedRun): void {
  const ends = ["handled", "skipped", ...(deadLetters === "stay" ? ["dead-lettered"] : [])];
  const handled = new Set(ledger.handlings.map(({ service, event_id }) => `${service} ${event_id}`));
  for (const { topic, event, message } of ledger.accepted.values()) {
    for (const { topic: heard, service, filter } of subscriptions) {
      if (heard !== topic || (filter !== undefined && !passes(parsed(filter), message.attributes))) continue;
      const name = `${service} ${event.event_type} ${event.event_id} ${event.replay_generation ?? ""}`;
      const endings = ledger.endings.get(name) ?? new Set();
      if (ends.some((end) => endings.has(end)) || handled.has(`${service} ${event.event_id}`)) continue;
      ledger.violated(
        `${service} neither handled nor skipped ${event.event_type} ${event.event_id}: ${[...endings].join(", ") || "nothing"}`,
      );
    }
  }
}

const filters = new Map<string, ReturnType<typeof parseFilter>>();
function parsed(filter: string): ReturnType<typeof parseFilter> {
  const known = filters.get(filter) ?? parseFilter(filter);
  filters.set(filter, known);
  return known;
}

/** What was committed to be said is on the bus. */
function everythingWasSaid({ ledger }: EndedRun): void {
  const accepted = new Set([...ledger.accepted.values()].map(({ event }) => event.event_id));
  for (const event of ledger.committed.values()) {
    if (!accepted.has(event.event_id))
      ledger.violated(`${event.event_type} ${event.event_id} was committed and never published`);
  }
}

/** The tally's state is what any order of the same commits makes of it. */
function countedOnce({ ledger, documents, repositories }: EndedRun): void {
  const counted = repositories.flatMap((repository) => valueOf(documents, "tally", tallies.of(repository)).counted);
  const once = new Set(counted);
  if (once.size !== counted.length) ledger.violated("the tally has counted an event twice");
  const handled = new Set(
    ledger.handlings.filter(({ service }) => service === "tally").map(({ event_id }) => event_id),
  );
  for (const id of handled) if (!once.has(id)) ledger.violated(`the tally handled ${id}, and has not counted it`);
  for (const id of once) if (!handled.has(id)) ledger.violated(`the tally counted ${id}, and has not handled it`);
}

/** Of the acts that were committed, none lay within another's time under the same claim. */
function workedAlone({ ledger, repositories }: EndedRun): void {
  const ends = new Map(
    ledger.handlings.filter(({ service }) => service === "worker").map(({ event_id, at }) => [event_id, at]),
  );
  const last = new Map<string, { readonly claim: string; readonly from: number; readonly to: number }>();
  for (const { claim, event_id, from } of ledger.stays) {
    const to = ends.get(event_id);
    if (to !== undefined && from <= to) last.set(event_id, { claim, from, to });
  }
  const stays = [...last.values()].toSorted((a, b) => a.to - b.to);
  for (const claim of repositories) {
    const own = stays.filter((stay) => stay.claim === claim);
    for (const [index, stay] of own.entries()) {
      const next = own[index + 1];
      if (next !== undefined && next.from < stay.to)
        ledger.violated(
          `two acts under the claim ${claim} at once: committed at ${stay.to}, the next began at ${next.from}`,
        );
    }
  }
}

/** Whoever decided by what the other side was, decided by what it still was at the commit. */
function onlyOneSide({ ledger, documents, commits }: EndedRun): void {
  for (let pair = 0; 2 * pair < commits; pair += 1) {
    const [left, right] = ["left", "right"].map(
      (side) => valueOf(documents, "keeper", sides.of(String(pair), side)).by,
    );
    if (left !== undefined && right !== undefined)
      ledger.violated(`both sides of pair ${pair} are taken, by ${left} and ${right}`);
  }
}

function noClaimIsLeft({ ledger, documents, now }: EndedRun): void {
  for (const key of documents.keys.filter((each) => each.includes("/claims/"))) {
    const claim = documents.get(key).value as { readonly until: string } | undefined;
    if (claim !== undefined && Date.parse(claim.until) > now.getTime())
      ledger.violated(`the claim ${key} is still held`);
  }
}

function valueOf<T>(
  documents: Documents,
  service: string,
  ref: { readonly key: string; parse(stored: unknown): T },
): T {
  return ref.parse(documents.get(`default/${service}/${ref.key}`).value);
}

/** Whoever says something without a natural key for the same event says it under the same id, in whatever course of things. */
export function compareIds(ledger: Ledger, calm: Ledger): void {
  const calmIds = idsSaid(calm);
  for (const [what, id] of idsSaid(ledger)) {
    const calmId = calmIds.get(what);
    if (calmId === undefined || calmId === id) continue;
    ledger.violated(`what the ${what} said is ${id} here and ${calmId} in a calm run`);
  }
}

function idsSaid({ committed }: Ledger): Map<string, string> {
  const said = [...committed.values()].filter(({ source }) => source === "tally" || source === "worker");
  return new Map(said.map(({ source, parent_event_id, event_id }) => [`${source} of ${parent_event_id}`, event_id]));
}
