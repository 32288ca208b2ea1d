import { causeOf, clockTick, coachNudge, createEvent, type Envelope } from "@contextpilot/events";
import { MemoryStore, collection, createReceiver, handlersOf, onTick, type Store } from "@contextpilot/messaging";
import * as z from "zod";
import { quietCoach } from "./quiet-coach.ts";
import { RecordingPublisher } from "./recording-publisher.ts";
import { deliveryOf } from "./stage.ts";

const snoozed = collection(
  "snoozed",
  z.object({ until: z.string().optional(), title: z.string().default(""), told: z.number().default(0) }),
  { dueAt: ({ until }) => until },
);

const nudge = (id: string, title: string) =>
  coachNudge(
    {
      nudge_id: id,
      rule: "r",
      repository: "shop",
      title,
      why_now: "now",
      next_actions: ["a", "b"],
      eta_minutes: 5,
      priority: "normal",
      links: [],
      related_events: [],
    },
    { cause: causeOf({ event_id: "found", correlation_id: "chain", hops: 3 }) },
  );

const telling = onTick(snoozed, (value) => {
  if (value.title === "broken") throw new Error("broken");
  return {
    events: value.title === "" ? [] : [nudge(`n-${value.title}`, value.title)],
    value: { title: value.title, told: value.told + 1 },
  };
});
const handlers = handlersOf("coach-agent", { ...quietCoach, "clock.tick.v1": telling });

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 2, 10, minute)).toISOString();

function house() {
  let now = new Date(at(0));
  const store = new MemoryStore();
  const publisher = new RecordingPublisher();
  const { receive } = createReceiver({ service: "coach-agent", handlers, store, publisher, clock: { now: () => now } });
  const tick = (minute: number) => {
    now = new Date(at(minute));
    const event = createEvent(clockTick({ minute: at(minute) }, { key: [at(minute)] }), {
      source: "clock",
      timestamp: at(minute),
    });
    return receive(deliveryOf(event, { messageId: `tick-${minute}` }));
  };
  return { store, publisher, tick };
}

const keyOf = (name: string, tenant = "default"): string => `${tenant}/coach-agent/snoozed/${name}`;
async function snooze(store: Store, name: string, title: string, minute: number, tenant = "default"): Promise<void> {
  const value = { until: at(minute), title, told: 0 };
  const change = { kind: "set", value } as const;
  await store.commit({ documents: [{ key: keyOf(name, tenant), expected: undefined, change, dueAt: at(minute) }] });
}

test("what is due is told once, in the chain of its cause and for its tenant; the rest waits", async () => {
  const { store, publisher, tick } = house();
  await snooze(store, "a", "first", 1);
  await snooze(store, "b", "second", 2, "other");
  await snooze(store, "c", "third", 9);
  for (const minute of [0, 1, 2, 3]) expect(await tick(minute)).toMatchObject({ kind: "handled" });
  expect(publisher.events).toMatchObject([
    { data: { title: "first" }, tenant_id: "default", correlation_id: "chain", parent_event_id: "found", hops: 4 },
    { data: { title: "second" }, tenant_id: "other" },
  ]);
  expect((await store.read([keyOf("a")]))[0]?.value).toEqual({ title: "first", told: 1 });
});

test("more than a page of them is woken by one tick", async () => {
  const { store, publisher, tick } = house();
  for (let index = 0; index < 250; index += 1) await snooze(store, `n${index}`, `title ${index}`, 1);
  await tick(1);
  expect(publisher.events).toHaveLength(250);
});

test("one that fails holds up no other, and brings the tick again", async () => {
  const { store, publisher, tick } = house();
  await snooze(store, "a", "broken", 1);
  await snooze(store, "b", "fine", 2);
  expect(await tick(3)).toMatchObject({ kind: "retry", error: { code: "handler-failed" } });
  expect(publisher.events).toMatchObject([{ data: { title: "fine" } }]);
});

test("what was committed and could not be published is published by a later tick, with the same id, and then no more", async () => {
  const { store, publisher, tick } = house();
  await snooze(store, "a", "first", 1);
  publisher.refuse();
  expect(await tick(1)).toMatchObject({ kind: "retry", error: { code: "publish-failed" } });
  publisher.refuse(false);
  for (const minute of [2, 3, 4]) await tick(minute);
  expect(publisher.events).toMatchObject([{ data: { title: "first" } }]);
  expect((await store.read([keyOf("a")]))[0]?.value).toMatchObject({ told: 1 });
});

test("two processes that hear the same tick wake each document once", async () => {
  const { store, publisher } = house();
  for (let index = 0; index < 20; index += 1) await snooze(store, `n${index}`, `title ${index}`, 1);
  const clock = { now: () => new Date(at(1)) };
  const event = createEvent(clockTick({ minute: at(1) }), { source: "clock", timestamp: at(1), event_id: "t" });
  const outcomes = await Promise.all(
    [1, 2].map((process) =>
      createReceiver({ service: "coach-agent", handlers, store, publisher, clock }).receive(
        deliveryOf(event as Envelope, { messageId: `m${process}` }),
      ),
    ),
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(["handled", "handled"]);
  expect(publisher.events).toHaveLength(20);
  for (let index = 0; index < 20; index += 1) {
    expect((await store.read([keyOf(`n${index}`)]))[0]?.value).toMatchObject({ told: 1 });
  }
});
