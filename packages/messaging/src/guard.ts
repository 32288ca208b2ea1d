import type { Attributes, Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { SkipReason } from "./outcome.ts";

/** A chain of causes longer than this is a loop. */
export const MAX_HOPS = 10;

export interface Guard {
  readonly service: string;
  /** The one tenant that this process serves; undefined: every tenant. */
  readonly tenant: string | undefined;
}

/**
 * Step 5: whether this service shall handle the event now. Gives the reason to set it aside, or undefined; throws a permanent
 * MessageError for an event that no service shall handle.
 */
export function guard(
  { service, tenant }: Guard,
  event: Envelope,
  attributes: Attributes,
  replay: "skip" | "handle",
  now: Date,
): SkipReason | undefined {
  if (tenant !== undefined && event.tenant_id !== tenant) return "another-tenant";
  if (isForAnother(service, attributes)) return "addressed-to-another";
  if (event.ttl_seconds !== undefined && Date.parse(event.timestamp) + event.ttl_seconds * 1000 <= now.getTime()) {
    return "expired";
  }
  if (event.replay_generation !== undefined && replay === "skip") return "replay-not-wanted";
  if (event.hops > MAX_HOPS) {
    throw MessageError.permanent("too-many-hops", `${event.hops} causes stand before it, at most ${MAX_HOPS} may`, {
      event: event.event_id,
      chain: event.correlation_id,
    });
  }
  return undefined;
}

/** Whether a redrive has brought the message, to another service than this one. */
export function isForAnother(service: string, attributes: Attributes): boolean {
  const addressee = attributes["redrive_to"];
  return addressee !== undefined && addressee !== service;
}
