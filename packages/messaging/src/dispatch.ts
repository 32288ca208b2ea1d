import { parseEventType, type Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { Handler } from "./handler.ts";

/** A service's handlers by event type, with the families they belong to. */
export interface Dispatch {
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly families: ReadonlySet<string>;
}

export function dispatchOf(handlers: Readonly<Record<string, unknown>>): Dispatch {
  const entries = Object.entries(handlers) as [string, Handler][];
  return {
    handlers: new Map(entries),
    families: new Set(entries.map(([type]) => parseEventType(type)?.family ?? type)),
  };
}

/**
 * Step 4: the handler of an event; undefined for a family that this service has no use for. A version that it does not know of
 * a family that it handles is set aside as a permanent MessageError, so that it can be redriven once it is known.
 */
export function dispatch({ handlers, families }: Dispatch, event: Envelope): Handler | undefined {
  const handler = handlers.get(event.event_type);
  if (handler !== undefined) return handler;
  if (!families.has(parseEventType(event.event_type)?.family ?? "")) return undefined;
  throw MessageError.permanent("unknown-version", `no handler for this version of ${event.event_type}`, {
    event: event.event_id,
  });
}
