import { MemoryStore, createReceiver, handler, type Delivery } from "@contextpilot/messaging";
import { RecordingPublisher } from "./recording-publisher.ts";

const withType = (id: string, event_type: string): Delivery => ({
  messageId: id,
  data: Buffer.from(
    JSON.stringify({
      event_id: id,
      event_type,
      timestamp: "2026-03-02T10:00:00Z",
      source: "test",
      data: {
        files_changed: [],
        lines_added: 1,
        lines_removed: 0,
        commit_hash: id,
        impact_score: 1,
        change_type: "feat",
      },
    }),
  ),
  attributes: {},
  publishTime: "2026-03-02T10:00:00Z",
  subscription: "coach-from-context",
  deliveryAttempt: 1,
});
const delivered = (id: string): Delivery => withType(id, "context.update.v1");

/** A service that hears updates and reads something for each, by its event_id. */
function house(read: (id: string) => Promise<void>) {
  const hearing = handler("context.update.v1", {
    read: ({ event_id }) => read(event_id),
    decide: () => ({ events: [] }),
  });
  const publisher = new RecordingPublisher();
  const parts = { service: "coach-agent", store: new MemoryStore(), publisher } as const;
  return { publisher, ...createReceiver({ ...parts, handlers: [hearing] }) };
}

test("a batch has one outcome for each delivery, in order, and a bad one holds up no other", async () => {
  const heard: string[] = [];
  const { receiveBatch, publisher } = house((id) => {
    heard.push(id);
    return Promise.resolve();
  });
  const outcomes = await receiveBatch([
    delivered("a"),
    withType("b", "git.push.v1"),
    { ...delivered("b"), data: Buffer.from("no") },
    delivered("c"),
    delivered("a"),
    withType("d", "context.update.v7"),
  ]);
  expect(outcomes).toMatchObject([
    { kind: "handled", event: { event_id: "a" }, duplicate: false },
    { kind: "skipped" },
    { kind: "dead-lettered", error: { code: "invalid-json" } },
    { kind: "handled", event: { event_id: "c" } },
    { kind: "handled", event: { event_id: "a" }, duplicate: true },
    { kind: "dead-lettered", error: { code: "unknown-version" } },
  ]);
  expect(publisher.deadLetters).toHaveLength(2);
  expect(new Set(heard)).toEqual(new Set(["a", "c"]));
  expect(await receiveBatch([])).toEqual([]);
});

test("a batch runs side by side: none waits for the one before", async () => {
  const begun: string[] = [];
  let free: (() => void) | undefined;
  const last = new Promise<void>((resolve) => {
    free = resolve;
  });
  const { receiveBatch } = house(async (id) => {
    begun.push(id);
    if (begun.length === 3) free?.();
    await last;
  });
  const outcomes = await receiveBatch([delivered("a"), delivered("b"), delivered("c")]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["handled", "handled", "handled"]);
  expect(begun).toEqual(["a", "b", "c"]);
});
