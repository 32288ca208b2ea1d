import { hash } from "node:crypto";
import type { Envelope } from "@contextpilot/events";
import { expiryAfter, storeKey } from "./inbox.ts";
import { Conflict, type Store, type StoredDocument } from "./ports/store.ts";
import type { Delivery } from "./ports/subscriber.ts";

/** A handler's fifth failure at a message sends it to the dead letters, unless the event says otherwise. */
const HOUSE_LIMIT = 5;

/**
 * The failures of a handler at one message. Counted by the house and not by the bus, so that it works on every bus, an outage
 * does not use attempts up, and a redrive (a new message) begins anew.
 */
export function failuresKey(service: string, event: Envelope, inboxKey: string, delivery: Delivery): string {
  return storeKey(
    event.tenant_id,
    service,
    `failures/${hash("sha256", `${inboxKey} ${delivery.messageId}`, "base64url")}`,
  );
}

/** The failures that a document counts; 0 where there is none. */
export function failuresIn(document: StoredDocument | undefined): number {
  const value = document?.value as { readonly count?: number } | undefined;
  return value?.count ?? 0;
}

/** Counts one more failure and gives the number. Of two that fail at once each counts. */
export async function countFailure(store: Store, key: string, problem: string, now: Date): Promise<number> {
  for (;;) {
    const [document] = await store.read([key]);
    const count = failuresIn(document) + 1;
    const value = { count, last: problem.slice(0, 1000), at: now.toISOString() };
    try {
      await store.commit({
        documents: [{ key, expected: document?.version, change: { kind: "set", value }, expiresAt: expiryAfter(now) }],
      });
      return count;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

/** How many failures an event survives: its own max_retries, or the house's four. */
export function isExhausted(event: Envelope, failures: number): boolean {
  return event.max_retries === undefined ? failures >= HOUSE_LIMIT : failures > event.max_retries;
}
