import { createEvent, gitPush } from "@contextpilot/events";
import { messageOf, type OutgoingMessage } from "@contextpilot/messaging";
import { RecordingPublisher } from "@contextpilot/testing";
import { createLogger } from "./logging.ts";
import { loggedPublisher } from "./logged-publisher.ts";

const A = "a".repeat(40);
const event = createEvent(gitPush({ repository: "shop", ref: "refs/heads/main", before: A, after: A, forced: false }), {
  event_id: "e1",
  source: "webhook",
  timestamp: "2026-03-02T12:00:00.000Z",
  correlation_id: "chain",
  trace_id: "trace-7",
});

let bus: RecordingPublisher;
let lines: string[];
beforeEach(() => {
  bus = new RecordingPublisher();
  lines = [];
});

function publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
  const logger = createLogger({ service: "webhook", destination: { write: (line) => void lines.push(line) } });
  return loggedPublisher(bus, { logger, subscribers: () => 3 }).publish(messages);
}
const logged = (): readonly object[] => lines.map((line) => JSON.parse(line) as object);

test("each message that the bus took is a line: its id, chain, trace and subscribers, the names in its data and no value", async () => {
  expect(await publish([messageOf(event), messageOf({ ...event, event_id: "e2" })])).toEqual(["1", "2"]);

  expect(logged()).toMatchObject([
    {
      severity: "INFO",
      service: "webhook",
      event: "event_published",
      message_id: "1",
      event_type: "git.push.v1",
      event_id: "e1",
      correlation_id: "chain",
      tenant_id: "default",
      trace_id: "trace-7",
      topic: "git-events",
      payload_keys: ["repository", "ref", "before", "after", "forced"],
      subscriber_count: 3,
    },
    { message_id: "2", event_id: "e2" },
  ]);
  expect(lines.join()).not.toContain("refs/heads/main");
});

test("what the bus refused is a warning, and no line says that it was published", async () => {
  bus.refuse();
  await expect(publish([messageOf(event)])).rejects.toThrow("the bus is down");
  expect(logged()).toMatchObject([
    {
      severity: "WARNING",
      event: "publish_failed",
      messages: 1,
      correlation_id: "chain",
      err: { message: "the bus is down" },
    },
  ]);
});

test.each([
  [1_000_000, 0],
  [1_000_001, 1],
])("a message of %i bytes: %i warnings of its size", async (bytes, warnings) => {
  await publish([{ ...messageOf(event), data: Buffer.alloc(bytes, " ") }]);
  const large = logged().filter((line) => "event" in line && line.event === "large_payload");
  expect(large).toHaveLength(warnings);
  expect(logged()).toContainEqual(expect.objectContaining({ event: "event_published", event_id: "e1", bytes }));
});

test("a dead letter, which need be no event, is a line all the same", async () => {
  await publish([{ topic: "git-events-dlq", data: Buffer.from("{"), attributes: { dead_letter_id: "d1" } }]);
  expect(logged()).toMatchObject([{ event: "event_published", topic: "git-events-dlq", dead_letter_id: "d1" }]);
});
