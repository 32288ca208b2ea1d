/**
 * A question and its answer, as events: the answer has the question as its parent, and its trace_id.
 *
 * > the sum is 6
 * > in one chain: true
 * > no reply to sum.asked.v1 within 20 ms
 */
import { createBus, MemoryLog, NoReply } from "@contextpilot/broker";

await using bus = createBus({ source: "calculator", log: new MemoryLog() });

const answering = await bus.subscribe("sum.asked", async (event, context) => {
  const { numbers } = event.data as { numbers: number[] };
  await context.publish({ event_type: "sum.done", data: { sum: numbers.reduce((sum, n) => sum + n, 0) } });
});

const question = { event_type: "sum.asked", data: { numbers: [1, 2, 3] } };
const reply = await bus.request(question, { replyType: "sum.done", trace_id: "question-1" });
console.log(`the sum is ${(reply.data as { sum: number }).sum}`);
console.log(`in one chain: ${reply.trace_id === "question-1" && reply.correlation_id === reply.parent_event_id}`);

await answering.unsubscribe();
await bus.request(question, { timeoutMs: 20 }).catch((error: unknown) => {
  if (error instanceof NoReply) console.log(error.message.replace(/ \[.*/, ""));
});
