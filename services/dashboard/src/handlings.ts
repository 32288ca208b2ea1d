import type { Envelope } from "@contextpilot/events";
import type { Clock, Handled } from "@contextpilot/messaging";
import { subscriptionsFor, type Service } from "@contextpilot/topology";
import type { DeadLetterState, FiledDeadLetter, SeenEvent } from "./read-model.ts";

/** Asks a service what it remembers of events: one answer for each, in their order; undefined where it has not handled it. */
export type AskHandled = (service: Service, events: readonly Envelope[]) => Promise<readonly (Handled | undefined)[]>;

/** What became of an event at one of the services that handle its type. Times are UTC, ISO 8601. */
export type Handling = { readonly consumer: Service } & (
  | {
      readonly status: "handled";
      readonly at: string;
      /** The ids of the events that it said. */
      readonly said: readonly string[];
      /** Why it said no more; null where it gave no reason. */
      readonly note: string | null;
    }
  | {
      readonly status: "dead-lettered";
      readonly at: string;
      readonly dead_letter_id: string;
      readonly state: DeadLetterState;
      readonly code: string;
      readonly reason: string;
    }
  /** Its ttl_seconds were over before it was handled. */
  | { readonly status: "expired" }
  /** On its way, or to be tried again. */
  | { readonly status: "waits" }
  /** Not handled, and nothing says that it still will be. */
  | { readonly status: "not-handled"; readonly reason: string }
);

const DAY_MS = 86_400_000;

/**
 * What became of events at each service that handles their types, one list for each event in their order. The service's own
 * inbox is asked first: what it has handled is handled, whatever died of it before. `deadLetters` are the chain's, the newest first.
 */
export async function handlingsOf(
  events: readonly SeenEvent[],
  deadLetters: readonly FiledDeadLetter[],
  { askHandled, clock }: { readonly askHandled: AskHandled; readonly clock: Clock },
): Promise<readonly (readonly Handling[])[]> {
  const due = events.flatMap((seen, index) =>
    subscriptionsFor(seen.event.event_type).map((heard) => ({ seen, index, heard, consumer: heard.service })),
  );
  const handlings: Handling[][] = events.map(() => []);
  for (const [consumer, asked] of Map.groupBy(due, (one) => one.consumer)) {
    const answers = await askHandled(
      consumer,
      asked.map(({ seen }) => seen.event),
    );
    for (const [place, { seen, index, heard }] of asked.entries()) {
      const handled = answers[place];
      const handling: Handling =
        handled === undefined
          ? unhandled(consumer, seen, deadLetters, { now: clock.now(), retentionDays: heard.retentionDays })
          : { consumer, status: "handled", at: handled.at, said: handled.said, note: handled.note ?? null };
      handlings[index]?.push(handling);
    }
  }
  return handlings;
}

function unhandled(
  consumer: Service,
  { event, seen_at }: SeenEvent,
  deadLetters: readonly FiledDeadLetter[],
  { now, retentionDays }: { readonly now: Date; readonly retentionDays: number },
): Handling {
  const died = deadLetters.find((letter) => letter.consumer === consumer && letter.event_id === event.event_id);
  if (died !== undefined) {
    const { dead_letter_id, state, code, reason, dead_at: at } = died;
    const isSentAgain = state === "redriven" || state === "resent";
    if (isSentAgain) return { consumer, status: "waits" };
    return { consumer, status: "dead-lettered", at, dead_letter_id, state, code, reason };
  }
  const { timestamp, ttl_seconds, replay_generation } = event;
  if (ttl_seconds !== undefined && Date.parse(timestamp) + ttl_seconds * 1000 <= now.getTime()) {
    return { consumer, status: "expired" };
  }
  // A handler that keeps state leaves replays alone, and no record of that.
  if (replay_generation !== undefined) {
    return { consumer, status: "not-handled", reason: "not yet, or it takes no replays" };
  }
  if (Date.parse(seen_at) + retentionDays * DAY_MS <= now.getTime()) {
    return { consumer, status: "not-handled", reason: `the bus keeps nothing for more than ${retentionDays} days` };
  }
  return { consumer, status: "waits" };
}
