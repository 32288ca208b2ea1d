/**
 * Two parts of a program talk: one publishes, the other hears. Run it: scripts/node24 examples/01-publish-and-subscribe.ts
 *
 * > index.updated.v1 by indexer: 150 files
 * > 1 event, 1 subscriber
 */
import { createBus, MemoryLog } from "@contextpilot/broker";
import { defineEvent } from "@contextpilot/events";
import * as z from "zod";

const indexUpdated = defineEvent("index.updated.v1", (object) => object({ files: z.int() }));

// What is not handled when the process ends is lost: that is what a log in memory means, and why it is asked for by name.
await using bus = createBus({ source: "indexer", log: new MemoryLog() });

await bus.subscribe(indexUpdated, (event) => {
  console.log(`${event.event_type} by ${event.source}: ${event.data.files} files`);
});

await bus.publish(indexUpdated({ files: 150 }));
await bus.whenIdle();

const { total_events, total_subscribers } = bus.stats();
console.log(`${total_events} event, ${total_subscribers} subscriber`);
