import { isDeepStrictEqual } from "node:util";
import { MAX_PAGE, type Page, type ReadModel } from "@contextpilot/dashboard";
import { resolveTopology } from "@contextpilot/topology";
import type { Ledger } from "../checker/ledger.ts";

/** What the feed shows of the events and dead letters that it has kept. */
export type Shown = Pick<ReadModel, "chains" | "chain" | "deadLetters" | "deadLetter">;

const TENANT = "default";

/** What people see is what the bus has taken: each event and each dead letter once, as it was, in its chain, which counts it. */
export async function checkFeed(ledger: Ledger, shown: Shown): Promise<void> {
  const lettersIn = await everyDeadLetterIsShown(ledger, shown);
  await everyEventIsShown(ledger, shown, lettersIn);
}

/** Gives how many there are of each chain. */
async function everyDeadLetterIsShown(ledger: Ledger, shown: Shown): Promise<ReadonlyMap<string, number>> {
  const missing = new Map(ledger.letters);
  const lettersIn = new Map<string, number>();
  const letters = itemsOf((page) => shown.deadLetters(page));
  for await (const { dead_letter_id: id, correlation_id = "" } of letters) {
    lettersIn.set(correlation_id, (lettersIn.get(correlation_id) ?? 0) + 1);
    const taken = missing.get(id);
    missing.delete(id);
    if (taken === undefined) {
      ledger.violated(`the feed shows the dead letter ${id} twice, or it never was on the bus`);
      continue;
    }
    const kept = await shown.deadLetter(TENANT, id);
    if (kept === undefined || !Buffer.from(taken.data).equals(kept.data))
      ledger.violated(`the feed has other bytes of the dead letter ${id} than the bus`);
  }
  for (const [id, { attributes }] of missing)
    ledger.violated(`the feed does not show the dead letter ${id} of ${attributes["event_id"]}`);
  return lettersIn;
}

async function everyEventIsShown(ledger: Ledger, shown: Shown, lettersIn: ReadonlyMap<string, number>): Promise<void> {
  const heard = [...ledger.accepted.values()].filter(({ topic }) => HEARD.has(topic));
  const missing = new Map(heard.map(({ event }) => [event.event_id, event]));
  for await (const chain of itemsOf((page) => shown.chains(page))) {
    const { correlation_id } = chain;
    const counted = { events: 0, dead_letters: lettersIn.get(correlation_id) ?? 0 };
    for await (const { event } of itemsOf((page) => shown.chain({ ...page, correlation_id }))) {
      const { event_id, event_type } = event;
      counted.events += 1;
      const taken = missing.get(event_id);
      missing.delete(event_id);
      if (taken === undefined)
        ledger.violated(`the feed shows ${event_type} ${event_id} twice, or it never was on the bus`);
      else if (taken.correlation_id !== correlation_id || !isDeepStrictEqual(taken.data, event.data))
        ledger.violated(`the feed shows ${event_type} ${event_id} as another than the bus took`);
    }
    const { events, dead_letters } = chain;
    if (!isDeepStrictEqual(counted, { events, dead_letters }))
      ledger.violated(
        `the feed counts ${events} events and ${dead_letters} dead letters in the chain ${correlation_id}, and shows ${counted.events} and ${counted.dead_letters}`,
      );
  }
  for (const { event_id, event_type } of missing.values())
    ledger.violated(`the feed does not show ${event_type} ${event_id}`);
}

/** The topics whose events it hears. */
const HEARD: ReadonlySet<string> = new Set(
  resolveTopology()
    .subscriptions.filter(({ service }) => service === "dashboard")
    .map(({ topic }) => topic),
);

interface PageAsked {
  readonly tenant_id: string;
  readonly limit: number;
  readonly cursor?: number;
}

async function* itemsOf<T>(pageOf: (asked: PageAsked) => Promise<Page<T>>): AsyncGenerator<T> {
  const asked = { tenant_id: TENANT, limit: MAX_PAGE };
  let page = await pageOf(asked);
  yield* page.items;
  while (page.next !== null) {
    page = await pageOf({ ...asked, cursor: page.next });
    yield* page.items;
  }
}
