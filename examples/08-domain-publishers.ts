/**
 * A publisher for each domain of a program: a method an event, its data checked where it is said, all in one chain.
 *
 * > opportunity.created.v1 by market: opp-7
 * > user.registered.v1 by market: ada
 * > agent.task.completed.v1 by market: task-1
 * > signal.detected.v1 by market: signal-3
 * > system.maintenance.v1 by market: tonight
 * > one chain: true
 * > refused: user.registered.v1 data.user_id: Invalid input: expected string, received number
 */
import { createBus, domainPublisher, MemoryLog } from "@contextpilot/broker";
import { defineEvent } from "@contextpilot/events";
import * as z from "zod";

const id = z.string().min(1);
const opportunityEvents = {
  created: defineEvent("opportunity.created.v1", (object) => object({ opportunity_id: id, title: z.string() })),
  validated: defineEvent("opportunity.validated.v1", (object) => object({ opportunity_id: id, score: z.number() })),
};
const userEvents = { registered: defineEvent("user.registered.v1", (object) => object({ user_id: id })) };
const agentEvents = {
  taskCompleted: defineEvent("agent.task.completed.v1", (object) =>
    object({ task_id: id, duration_seconds: z.number(), success: z.boolean() }),
  ),
};
const signalEvents = { detected: defineEvent("signal.detected.v1", (object) => object({ signal_id: id })) };
const systemEvents = { maintenance: defineEvent("system.maintenance.v1", (object) => object({ when: z.string() })) };

await using bus = createBus({ source: "market", log: new MemoryLog() });

const chains = new Set<string>();
const hear = await bus.subscribe({ patterns: ["#"] }, ({ event_type, source, data, correlation_id }) => {
  chains.add(correlation_id);
  console.log(`${event_type} by ${source}: ${Object.values(data as object)[0]}`);
});

const publisher = bus.publisher();
const opportunities = domainPublisher(publisher, opportunityEvents);
const users = domainPublisher(publisher, userEvents);
const agents = domainPublisher(publisher, agentEvents);
const signals = domainPublisher(publisher, signalEvents);
const system = domainPublisher(publisher, systemEvents);

await opportunities.created({ opportunity_id: "opp-7", title: "Answer customers at night" });
await users.registered({ user_id: "ada" });
await agents.taskCompleted({ task_id: "task-1", duration_seconds: 2.5, success: true });
await signals.detected({ signal_id: "signal-3" }, { priority: "high" });
await system.maintenance({ when: "tonight" });
await bus.whenIdle();
await hear.unsubscribe();
console.log(`one chain: ${chains.size === 1}`);

// A field that is wrong does not compile; what comes untyped from elsewhere is refused where it is said.
await users.registered(JSON.parse(`{ "user_id": 7 }`) as { user_id: string }).catch((error: unknown) => {
  console.log(`refused: ${(error as Error).message}`);
});
