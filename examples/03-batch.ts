/**
 * Many events, published by lists: when there are enough, when the first has waited long enough, and at the end of the block.
 *
 * > handled 250 signals, the last one signal-249
 * > 250 ids, the first one as add() gave it: true
 */
import { createBus, MemoryLog } from "@contextpilot/broker";

await using bus = createBus({ source: "scanner", log: new MemoryLog() });

const signals: string[] = [];
await bus.subscribe("signal.detected", ({ data }) => {
  signals.push((data as { signal_id: string }).signal_id);
});

const batch = bus.batch({ size: 100, intervalMs: 1_000 });
const ids: string[] = [];
for (let n = 0; n < 250; n++) {
  ids.push(batch.add({ event_type: "signal.detected", data: { signal_id: `signal-${n}`, source: "reddit" } }));
}
const published = await batch.flush();
await bus.whenIdle();

console.log(`handled ${signals.length} signals, the last one ${signals.at(-1)}`);
console.log(`${published.length} ids, the first one as add() gave it: ${published[0]?.eventId === ids[0]}`);
