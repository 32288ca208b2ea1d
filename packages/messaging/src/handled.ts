import type { Envelope } from "@contextpilot/events";
import { inboxKey, type InboxRecord } from "./inbox.ts";
import type { Store } from "./ports/store.ts";

/** What a service remembers of having handled an event. */
export interface Handled {
  /** UTC, ISO 8601. */
  readonly at: string;
  /** The ids of the events that it said, in their order. */
  readonly said: readonly string[];
  /** The handler's own words on what it left unsaid. */
  readonly note?: string;
}

/**
 * Asks a service's inbox about events, in one read: one answer for each, in their order; undefined where the service has not
 * handled it, or did so more than 70 days ago. Who is woken by a tick keeps no record of it. Rejects as the store does.
 */
export async function readHandled(
  store: Pick<Store, "read">,
  service: string,
  events: readonly Envelope[],
): Promise<readonly (Handled | undefined)[]> {
  const records = await store.read(events.map((event) => inboxKey(service, event)));
  return records.map(({ value }) => (value === undefined ? undefined : handledIn(value as InboxRecord)));
}

function handledIn({ handled_at: at, said, note, skipped }: InboxRecord): Handled | undefined {
  if (skipped !== undefined) return undefined;
  return { at, said: said.map(({ event }) => event.event_id), ...(note === undefined ? {} : { note }) };
}
