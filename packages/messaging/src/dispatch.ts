import { parseEventType, type Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { Handler } from "./handler.ts";

/** A service's handlers by event type, with the families they belong to. */
export interface Dispatch {
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly families: ReadonlySet<string>;
}

/** Throws a TypeError where two handlers are there for one event type. */
export function dispatchOf(handlers: readonly Handler[]): Dispatch {
  const byType = new Map(handlers.map((each) => [each.type, each]));
  if (byType.size < handlers.length) {
    throw new TypeError(`two handlers for one event type among ${handlers.map(({ type }) => type).join(", ")}`);
  }
  return { handlers: byType, families: new Set(handlers.map(({ type }) => parseEventType(type)?.family ?? type)) };
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
