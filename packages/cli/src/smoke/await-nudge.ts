import { setTimeout as delay } from "node:timers/promises";
import { MAX_PAGE, type DeadLetter, type ReadModel } from "@contextpilot/dashboard";
import type { Envelope } from "@contextpilot/events";

/** How often the read model is looked at: a nudge is found so much later at most. */
const LOOK_EVERY_MS = 200;

/** What the dashboard knows of a chain. */
export interface SeenChain {
  readonly events: readonly Envelope[];
  readonly nudge: Envelope | undefined;
  /** What was given up of it; looked for where no nudge came. */
  readonly deadLetters: readonly DeadLetter[];
}

/** Looks until the chain has its nudge, or the time is up. Rejects as the read model does. */
export async function awaitNudge(
  readModel: Pick<ReadModel, "chain" | "deadLetters">,
  { tenant_id, correlation_id }: Envelope,
  withinMs: number,
): Promise<SeenChain> {
  const end = performance.now() + withinMs;
  for (;;) {
    const events = await eventsOf(readModel, tenant_id, correlation_id);
    const nudge = events.find(({ event_type }) => event_type === "coach.nudge.v1");
    if (nudge !== undefined) return { events, nudge, deadLetters: [] };
    const left = end - performance.now();
    if (left <= 0) {
      const { items } = await readModel.deadLetters({ tenant_id, correlation_id, limit: MAX_PAGE });
      return { events, nudge, deadLetters: items };
    }
    await delay(Math.min(left, LOOK_EVERY_MS));
  }
}

async function eventsOf(
  readModel: Pick<ReadModel, "chain">,
  tenant_id: string,
  correlation_id: string,
): Promise<readonly Envelope[]> {
  const events: Envelope[] = [];
  for (let cursor: number | undefined, more = true; more;) {
    const page = await readModel.chain({ tenant_id, correlation_id, limit: MAX_PAGE, cursor });
    events.push(...page.items.map(({ event }) => event));
    cursor = page.next ?? undefined;
    more = cursor !== undefined;
  }
  return events;
}
