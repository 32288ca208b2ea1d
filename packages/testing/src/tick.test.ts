import { MemoryStore, createReceiver, startClock, tickOf, type Delivery } from "@contextpilot/messaging";
import { quietCoach } from "./quiet-coach.ts";
import { RecordingPublisher } from "./recording-publisher.ts";
import { deliveryOf } from "./stage.ts";
import { until } from "./until.ts";

test("ticks of one minute are one event, whoever says them; of two minutes two", () => {
  const first = tickOf(new Date("2026-03-02T10:00:01Z"));
  expect(tickOf(new Date("2026-03-02T10:00:59.999Z"))).toEqual(first);
  expect(tickOf(new Date("2026-03-02T10:01:00Z")).event_id).not.toBe(first.event_id);
  expect(first.data).toEqual({ minute: "2026-03-02T10:00:00.000Z" });
});

test("a clock ticks at its start and as each minute begins, and stops", async () => {
  const publisher = new RecordingPublisher();
  // Ten milliseconds before a minute, then in it.
  const times = ["2026-03-02T10:00:59.990Z", "2026-03-02T10:01:00.000Z"];
  const clock = startClock(publisher, {
    clock: { now: () => new Date(times.shift() ?? "2026-03-02T10:01:00.000Z") },
    onError: () => undefined,
  });
  await until(() => publisher.events.length === 2, "the second tick");
  await clock.stop();
  expect(publisher.events.map(({ data }) => data)).toEqual([
    { minute: "2026-03-02T10:00:00.000Z" },
    { minute: "2026-03-02T10:01:00.000Z" },
  ]);
});

test("a tick that the bus does not take is reported and does not stop the clock", async () => {
  const publisher = new RecordingPublisher();
  publisher.refuse();
  const errors: unknown[] = [];
  const times = ["2026-03-02T10:00:59.990Z", "2026-03-02T10:01:00.000Z"];
  const clock = startClock(publisher, {
    clock: { now: () => new Date(times.shift() ?? "2026-03-02T10:01:00.000Z") },
    onError: (error) => errors.push(error),
  });
  await until(() => errors.length === 2, "both refusals");
  await clock.stop();
  expect(publisher.messages).toEqual([]);
});

const bare = (publishTime: string, over: Partial<Delivery> = {}): Delivery => ({
  messageId: publishTime,
  data: new Uint8Array(),
  attributes: { event_type: "clock.tick.v1", source: "clock" },
  publishTime,
  subscription: "coach-from-clock",
  ...over,
});

const house = (of: { readonly tenant?: string; readonly store?: MemoryStore } = {}) => {
  const publisher = new RecordingPublisher();
  const store = new MemoryStore();
  const clock = { now: () => new Date("2026-03-02T10:04:00Z") };
  return {
    publisher,
    ...createReceiver({ service: "coach-agent", handlers: quietCoach, store, publisher, clock, ...of }),
  };
};

test("a tick that comes more than five minutes late is left out: those after it have woken the same", async () => {
  const { receive } = house();
  const late = await receive(deliveryOf(tickOf(new Date("2026-03-02T09:58:00Z"))));
  expect(late).toMatchObject({ kind: "skipped", reason: "expired" });
  const inTime = await receive(deliveryOf(tickOf(new Date("2026-03-02T10:00:00Z"))));
  expect(inTime).toMatchObject({ kind: "handled" });
});

test("to who serves one tenant a tick is that tenant's own, and each tenant's process handles it", async () => {
  const store = new MemoryStore();
  const tick = deliveryOf(tickOf(new Date("2026-03-02T10:00:00Z")));
  for (const tenant of ["acme", "shop"]) {
    expect(await house({ tenant, store }).receive(tick)).toMatchObject({
      kind: "handled",
      duplicate: false,
      event: { tenant_id: tenant },
    });
  }
});

describe("what Cloud Scheduler says every minute, a type and no body,", () => {
  test("is the tick of the minute in which the bus took it, handled once a minute", async () => {
    const { receive } = house();
    const first = await receive(bare("2026-03-02T10:00:00.412Z"));
    const event = tickOf(new Date("2026-03-02T10:00:00Z"));
    expect(first).toMatchObject({ kind: "handled", duplicate: false, event });
    expect(await receive(bare("2026-03-02T10:00:59.9Z"))).toMatchObject({ kind: "handled", duplicate: true });
    expect(await receive(deliveryOf(event))).toMatchObject({ kind: "handled", duplicate: true });
    expect(await receive(bare("2026-03-02T10:01:00Z"))).toMatchObject({ kind: "handled", duplicate: false });
  });

  test.each([
    ["of another type", { attributes: { event_type: "context.update.v1" } }, "invalid-json"],
    ["of no type", { attributes: {} }, "invalid-json"],
    ["that names another source", { attributes: { event_type: "clock.tick.v1", source: "me" } }, "attribute-mismatch"],
    ["with a body that is no envelope", { data: Buffer.from("{}") }, "invalid-envelope"],
  ])("is no event %s", async (_what, over, code) => {
    const { receive, publisher } = house();
    expect(await receive(bare("2026-03-02T10:00:00Z", over))).toMatchObject({ kind: "dead-lettered", error: { code } });
    expect(publisher.messages).toHaveLength(1);
  });
});
