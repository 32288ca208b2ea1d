/**
 * What was published may be read again, by type and time; each is marked as a replay, so that no reward is paid twice.
 *
 * > 3 events: points.granted.v1 2, points.taken.v1 1
 * > again: 5 points
 * > again: 8 points
 * > all marked with one generation: true
 */
import { createBus, MemoryLog } from "@contextpilot/broker";

await using bus = createBus({ source: "rewards", log: new MemoryLog(), retention: { maxEvents: 1_000 } });

await bus.publishAll([
  { event_type: "points.granted", data: { points: 5 } },
  { event_type: "points.taken", data: { points: 2 } },
  { event_type: "points.granted", data: { points: 8 } },
]);
const { total_events, events_by_type } = bus.stats();
const counts = Object.entries(events_by_type).map(([type, count]) => `${type} ${count}`);
console.log(`${total_events} events: ${counts.join(", ")}`);

const anHourAgo = new Date(Date.now() - 60 * 60 * 1_000);
const replayed = bus.replay({ type: "points.granted", from: anHourAgo });
for (const { data } of replayed) console.log(`again: ${(data as { points: number }).points} points`);
const generations = new Set(replayed.map(({ replay_generation }) => replay_generation));
console.log(`all marked with one generation: ${generations.size === 1 && !generations.has(undefined)}`);
