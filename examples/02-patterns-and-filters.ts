/**
 * Who hears what: by type, by patterns over the routing key (family and priority), by a filter over attributes.
 *
 * > every task: task.started.v1
 * > every task: task.failed.v1
 * > urgent: task.failed.v1
 * > europe: agent.stopped.v1
 * > urgent: agent.stopped.v1
 */
import { createBus, MemoryLog } from "@contextpilot/broker";

await using bus = createBus({ source: "scheduler", log: new MemoryLog() });

const heard: string[] = [];
const hear = (who: string) => (event: { readonly event_type: string }) => heard.push(`${who}: ${event.event_type}`);

// `*` is one word of the key, `#` any number of them; who gives two patterns hears an event once.
await bus.subscribe({ patterns: ["task.#"] }, hear("every task"));
await bus.subscribe({ patterns: ["*.*.high", "*.*.critical"] }, hear("urgent"));
await bus.subscribe({ filter: 'attributes.region = "eu"' }, hear("europe"));

for (const draft of [
  { event_type: "task.started", data: {} },
  { event_type: "task.failed", data: {}, priority: "high" },
  { event_type: "agent.stopped", data: {}, priority: "critical", attributes: { region: "eu" } },
] as const) {
  await bus.publish(draft);
  await bus.whenIdle();
  // Handlers of one event run side by side; sorted, so that this prints the same each time.
  for (const line of heard.splice(0).sort()) console.log(line);
}
