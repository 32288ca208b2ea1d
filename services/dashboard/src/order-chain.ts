import type { SeenEvent } from "./read-model.ts";

/** An event in its place in a chain. */
export interface ChainEvent extends SeenEvent {
  /** One more than that of the event that caused it; its own `hops` where that one is not among them. */
  readonly depth: number;
}

/**
 * The events of a chain as a tree, read from above: each one before what it caused, siblings by their time and then as they
 * arrived. What has lost its cause stands like a root, and so does a circle of causes, from its earliest event on.
 */
export function orderCausally<T extends SeenEvent>(events: readonly T[]): readonly (T & ChainEvent)[] {
  const byTime = events.toSorted((a, b) => Date.parse(a.event.timestamp) - Date.parse(b.event.timestamp));
  const known = new Set(events.map(({ event }) => event.event_id));
  const caused = Map.groupBy(byTime, ({ event }) => event.parent_event_id);
  const roots = byTime.filter(({ event: { parent_event_id: cause } }) => cause === undefined || !known.has(cause));

  const ordered = new Map<string, T & ChainEvent>();
  for (const start of [...roots, ...byTime]) {
    // A stack of its own: a chain may be deeper than calls can be.
    const waiting: (T & ChainEvent)[] = [{ ...start, depth: start.event.hops }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { depth, event } = next;
      if (ordered.has(event.event_id)) continue;
      ordered.set(event.event_id, next);
      const effects = caused.get(event.event_id) ?? [];
      for (const effect of effects.toReversed()) waiting.push({ ...effect, depth: depth + 1 });
    }
  }
  return [...ordered.values()];
}
