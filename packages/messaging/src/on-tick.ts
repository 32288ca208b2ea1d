import { clockTick } from "@contextpilot/events";
import type { Collection } from "./collection.ts";
import type { Awakening, DecideContext, Handler } from "./handler.ts";

/**
 * A handler for the clock's tick: each document of the collection that is due is decided over and committed by itself, so that
 * one that fails holds up no other. `decide` is pure, and may run more than once.
 */
export function onTick<T, Said extends string = never>(
  documents: Collection<T>,
  decide: (value: T, context: Pick<DecideContext, "now">) => Awakening<T, Said>,
): Handler<"clock.tick.v1", Said> {
  return {
    type: "clock.tick.v1",
    replay: "skip",
    looksOutside: false,
    readData: clockTick.read,
    state: () => ({}),
    run: () => ({ events: [] }),
    wake: {
      collection: documents.name,
      ref: (key) => documents.at(key),
      decide: (value, context) => decide(value as T, context),
    },
  };
}
