import { Bus } from "./bus.ts";
import type { BusOptions } from "./bus-options.ts";

/**
 * Makes a bus for the parts of one program. `await using bus = createBus({ source: "indexer", log: new MemoryLog() })` closes it,
 * when all is handled, at the end of the block.
 */
export function createBus(options: BusOptions): Bus {
  return new Bus(options);
}
