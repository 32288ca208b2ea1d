/**
 * A handler that fails: it is tried again, others are not held up, and in the end the event is put aside with the reason.
 *
 * > stored invoice 7
 * > attempt 1: the printer is on fire (retry)
 * > attempt 2: the printer is on fire (dead-letter)
 * > put aside for printing after 2 attempts: invoice.sent.v1, the printer is on fire
 */
import { createBus, MemoryLog } from "@contextpilot/broker";

await using bus = createBus({
  source: "billing",
  log: new MemoryLog(),
  onError: ({ attempt, error, next }) => console.log(`attempt ${attempt}: ${(error as Error).message} (${next})`),
});

await bus.onDeadLetter(({ event, reason, subscription, attempts }) => {
  console.log(`put aside for ${subscription} after ${attempts} attempts: ${event.event_type}, ${reason}`);
});
await bus.subscribe("invoice.sent", ({ data }) => {
  console.log(`stored invoice ${(data as { number: number }).number}`);
});
await bus.subscribe(
  "invoice.sent",
  () => {
    throw new Error("the printer is on fire");
  },
  { group: "printing", maxAttempts: 2, retry: { minimumSeconds: 0.01, maximumSeconds: 1 } },
);

await bus.publish({ event_type: "invoice.sent", data: { number: 7 } });
