import type { Envelope } from "@contextpilot/events";
import { checkRun, compareIds, type EndedRun } from "../checker/check-run.ts";
import type { Ledger } from "../checker/ledger.ts";
import { POISON } from "../checker/witnesses.ts";
import { calmRun } from "./calm-run.ts";

/** The simulation's checks, and what is known of a soak alone: who is dead, and that nothing is left to be said. */
export async function checkSoak(run: EndedRun, broken: ReadonlySet<string>): Promise<void> {
  checkRun(run);
  everyCommitWasSaid(run);
  onlyPoisonIsDead(run.ledger, broken);
  for (const key of run.documents.keys) {
    if (key.includes("/outbox/")) run.ledger.violated(`what ${key} has to say was not said`);
  }
  compareIds(run.ledger, await calmRun(run.ledger));
}

/** What was pushed and answered with 202 has become a commit's event each. */
function everyCommitWasSaid({ ledger, commits }: EndedRun): void {
  const said = [...ledger.accepted.values()].filter(
    ({ event }) => event.source === "git-agent" && event.event_type.startsWith("git.commit."),
  );
  if (said.length !== commits) ledger.violated(`of ${commits} commits that were pushed ${said.length} were said`);
}

/** Neither an outage nor a crash makes a dead letter; and what nobody can handle is one, for each who heard it. */
function onlyPoisonIsDead(ledger: Ledger, broken: ReadonlySet<string>): void {
  const events = new Map([...ledger.accepted.values()].map(({ event }) => [event.event_id, event]));
  for (const [name, endings] of ledger.endings) {
    if (!endings.has("dead-lettered")) continue;
    const [service = "", , id = ""] = name.split(" ");
    const event = events.get(id);
    if (broken.has(id) || (service === "tally" && event !== undefined && isPoison(event))) continue;
    ledger.violated(`${name.trim()} is dead, though it could have been handled`);
  }
  const handled = new Set(ledger.handlings.map(({ service, event_id }) => `${service} ${event_id}`));
  for (const event of events.values()) {
    if (isPoison(event) && handled.has(`tally ${event.event_id}`))
      ledger.violated(`the tally handled the poison ${event.event_id}`);
  }
}

const isPoison = ({ event_type, data }: Envelope): boolean =>
  event_type.startsWith("git.commit.") && String((data as { readonly message?: unknown }).message).includes(POISON);
