import { hash } from "node:crypto";
import type { Envelope } from "@contextpilot/events";
import { IsoTimes } from "./iso-times.ts";
import type { SkipReason } from "./outcome.ts";
import type { Said } from "./said.ts";

/**
 * For so long the house remembers what it has handled, said and put aside. Longer than any retention (31 days) and any redrive
 * after it: a record that is gone could let an event take effect twice.
 */
export const KEPT_DAYS = 70;
const DAY_MS = 86_400_000;

/** What a service remembers of an event that it has handled, or left out: that it did, and what it said. The outbox is part of it. */
export interface InboxRecord {
  readonly event_type: string;
  readonly event_id: string;
  /** Of the data; a second event of the same id with other data is a duplicate all the same, and worth a warning. */
  readonly data_hash: string;
  readonly handled_at: string;
  readonly said: readonly Said[];
  /** The handler's own words on what it left unsaid; none in what was handled before they were kept. */
  readonly note?: string;
  /** It was left out, and is not handled any more, though somebody may still be at it. */
  readonly skipped?: SkipReason;
}

/** A note is a few words; what is longer is cut, so that no record grows by it. */
const MAX_NOTE = 500;

/** Where a service keeps its documents of a tenant: every key in the store begins with the tenant. */
export const storeKey = (tenant: string, service: string, key: string): string =>
  `${encodeURIComponent(tenant)}/${service}/${key}`;

/** The key of the record that makes an event handled once: by tenant, service, type, id and replay generation. */
export function inboxKey(service: string, event: Envelope): string {
  const identity = [event.tenant_id, service, event.event_type, event.event_id, event.replay_generation ?? ""];
  return storeKey(event.tenant_id, service, `inbox/${hash("sha256", JSON.stringify(identity), "base64url")}`);
}

export const dataHash = (event: Envelope): string =>
  hash("sha256", JSON.stringify(event.data_ref?.hash ?? event.data), "base64url");

const handlings = new IsoTimes();
const expiries = new IsoTimes();

/** The record of an event that is being handled now, ready to be created. */
export function inboxCreation(
  key: string,
  event: Envelope,
  { said, note, skipped }: Pick<InboxRecord, "said" | "note" | "skipped">,
  now: Date,
): { key: string; value: InboxRecord; expiresAt: string } {
  return {
    key,
    value: {
      event_type: event.event_type,
      event_id: event.event_id,
      data_hash: dataHash(event),
      handled_at: handlings.of(now),
      said,
      ...(note === undefined ? {} : { note: note.slice(0, MAX_NOTE).toWellFormed() }),
      ...(skipped === undefined ? {} : { skipped }),
    },
    expiresAt: expiryAfter(now),
  };
}

export const expiryAfter = (now: Date): string => expiries.of(new Date(now.getTime() + KEPT_DAYS * DAY_MS));
