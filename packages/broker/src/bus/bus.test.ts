import { clockTick, type Envelope } from "@contextpilot/events";
import { until } from "@contextpilot/testing";
import { MemoryLog } from "../memory-log.ts";
import type { Bus } from "./bus.ts";
import type { BusOptions } from "./bus-options.ts";
import type { HandlerFailure, Selector } from "./bus-subscription.ts";
import { createBus } from "./create-bus.ts";
import { defaultBus, useAsDefaultBus } from "./default-bus.ts";

const updated = (files: number) => ({ event_type: "index.updated", data: { files } });
const filesOf = (events: readonly Envelope[]) => events.map(({ data }) => (data as { files: number }).files);

const files = (event: Envelope) => filesOf([event])[0] ?? 0;
const fail = () => Promise.reject(new Error("broken"));
const at = (second: number) => ({ timestamp: `2026-11-21T08:00:0${second}.000Z` });
const rising = (a: number, b: number) => a - b;

describe("the in-process bus", () => {
  let bus: Bus;
  const start = (options: Partial<BusOptions> = {}) =>
    (bus = createBus({ source: "indexer", log: new MemoryLog(), ...options }));
  afterEach(() => bus.close({ graceMs: 0 }));

  const heard = async (selector: Selector) => {
    const events: Envelope[] = [];
    await bus.subscribe(selector, (event) => events.push(event));
    return events;
  };

  test("an event of a program's own gets its envelope, and two names", async () => {
    start();
    const events = await heard("index.updated");
    const { eventId, messageId } = await bus.publish(updated(3));
    await bus.whenIdle();
    expect(events).toEqual([
      {
        event_id: eventId,
        event_type: "index.updated.v1",
        timestamp: expect.stringMatching(/Z$/),
        source: "indexer",
        data: { files: 3 },
        tenant_id: "default",
        correlation_id: eventId,
        hops: 0,
      },
    ]);
    expect(messageId).toMatch(/^[0-9]+$/);
    expect(Object.isFrozen(events[0]?.data)).toBe(true);
    await expect(bus.publish({ event_type: "updated", data: {} })).rejects.toThrow("updated is not an event type");
  });

  test("a definition checks what is published and types what is heard", async () => {
    start();
    const times: string[] = [];
    await bus.subscribe(clockTick, ({ data }) => times.push(data.minute));
    await bus.publish(clockTick({ minute: "2026-11-21T08:00:00.000Z" }));
    await bus.whenIdle();
    expect(times).toEqual(["2026-11-21T08:00:00.000Z"]);
  });

  test("subscriptions by version, family, several types, patterns and filter each hear their own", async () => {
    start();
    const selectors = {
      version: "a.b.v2",
      family: "a.b",
      several: ["a.b.v1", "c.d"],
      patterns: { patterns: ["a.*.high", "*.*.high"] },
      filter: { filter: 'attributes.region = "eu"' },
      everything: {},
    };
    const names = Object.keys(selectors);
    const lists = await Promise.all(Object.values(selectors).map((selector) => heard(selector)));
    await bus.publishAll([
      { event_type: "a.b", data: { n: 1 }, priority: "high" },
      { event_type: "a.b.v2", data: { n: 2 } },
      { event_type: "c.d", data: { n: 3 }, attributes: { region: "eu" } },
    ]);
    await bus.publish({ event_type: "e.f", data: { n: 4 } }, { routingKey: "a.custom.high" });
    await bus.whenIdle();
    const numbers = lists.map((events) => events.map(({ data }) => (data as { n: number }).n));
    expect(Object.fromEntries(names.map((name, place) => [name, numbers[place]]))).toEqual({
      version: [2],
      family: [1, 2],
      several: [1, 3],
      patterns: [1, 4],
      filter: [3],
      everything: [1, 2, 3, 4],
    });
  });

  test("a handler that fails holds up no other, and is told to the error hook at each attempt", async () => {
    const failures: HandlerFailure[] = [];
    start({ onError: (failure) => void failures.push(failure) });
    const events = await heard("index.updated");
    const broken = new Error("broken");
    const letters: unknown[] = [];
    await bus.onDeadLetter((letter) => letters.push(letter));
    const retry = { minimumSeconds: 0.001, maximumSeconds: 0.001 };
    const handle = () => Promise.reject(broken);
    await bus.subscribe("index.updated", handle, { group: "failing", maxAttempts: 3, retry });
    const { eventId } = await bus.publish(updated(1));
    await bus.publish({ ...updated(2), max_retries: 0 });
    await bus.whenIdle();
    expect(filesOf(events)).toEqual([1, 2]);
    const ofFirst = failures.filter(({ event }) => event.event_id === eventId);
    expect(ofFirst.map(({ attempt, next, error }) => [attempt, next, error])).toEqual([
      [1, "retry", broken],
      [2, "retry", broken],
      [3, "dead-letter", broken],
    ]);
    const subscription = "failing";
    expect(letters).toEqual([
      { event: expect.objectContaining({ data: { files: 2 } }), reason: "broken", subscription, attempts: 1 },
      { event: expect.objectContaining({ data: { files: 1 } }), reason: "broken", subscription, attempts: 3 },
    ]);
    expect(bus.stats()).toMatchObject({ error_counts: { "index.updated.v1": 4 }, dead_letters: 2 });
  });

  test("with autoAck, or without dead letters, a failing event is dropped in the end", async () => {
    const failures: HandlerFailure[] = [];
    start({ onError: (failure) => void failures.push(failure) });
    await bus.subscribe("index.updated", fail, { group: "auto", autoAck: true });
    const retry = { minimumSeconds: 0.001, maximumSeconds: 0.001 };
    await bus.subscribe("index.updated", fail, { group: "dropping", deadLetters: false, maxAttempts: 2, retry });
    await bus.publish(updated(1));
    await bus.whenIdle();
    const told = failures.map(({ subscription, attempt, next }) => `${subscription} ${attempt} ${next}`);
    expect(told.sort()).toEqual(["auto 1 dropped", "dropping 1 retry", "dropping 2 dropped"]);
    expect(bus.stats().dead_letters).toBe(0);
  });

  test("unsubscribed handlers hear no more, a group's others go on with all of it", async () => {
    start();
    const [one, two, alone]: [number[], number[], number[]] = [[], [], []];
    const first = await bus.subscribe("index.updated", (event) => one.push(files(event)), { group: "g" });
    await bus.subscribe("index.updated", (event) => two.push(files(event)), { group: "g" });
    const single = await bus.subscribe("index.updated", (event) => alone.push(files(event)));
    await bus.publishAll([1, 2, 3, 4].map(updated));
    await bus.whenIdle();
    expect([...one, ...two].sort(rising)).toEqual([1, 2, 3, 4]);
    expect(bus.stats()).toMatchObject({ total_subscribers: 3, active_subscribers: 2, registered_handlers: 3 });
    await first.unsubscribe();
    await single.unsubscribe();
    const before = [one.length, two.length];
    await bus.publishAll([5, 6].map(updated));
    await bus.whenIdle();
    expect([one.length, two.length, alone]).toEqual([before[0], (before[1] ?? 0) + 2, [1, 2, 3, 4]]);
    expect(bus.stats()).toMatchObject({ total_subscribers: 1, active_subscribers: 1, registered_handlers: 3 });
  });

  test("what follows from an event stands in its chain; a loop ends", async () => {
    start();
    const events = await heard("step.done");
    const refused: string[] = [];
    await bus.subscribe(["index.updated", "step.done"], (_, { publish }) =>
      publish({ event_type: "step.done", data: {} }).catch((error) => refused.push(String(error))),
    );
    const { eventId } = await bus.publish(updated(1), { trace_id: "t1", tenant_id: "acme" });
    await bus.whenIdle();
    expect(events.map(({ hops }) => hops)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(events[0]?.parent_event_id).toBe(eventId);
    expect(events[1]?.parent_event_id).toBe(events[0]?.event_id);
    for (const event of events)
      expect(event).toMatchObject({ trace_id: "t1", tenant_id: "acme", correlation_id: eventId });
    expect(refused).toEqual([expect.stringContaining("11 causes stand before it, at most 10 may")]);
  });

  test("a request is answered by what its handler publishes, or by nobody in time", async () => {
    start();
    await bus.subscribe("sum.asked", async ({ data }, { publish }) => {
      const { numbers } = data as { numbers: number[] };
      await publish({ event_type: "sum.started", data: {} });
      await publish({ event_type: "sum.done", data: { sum: numbers.reduce((a, b) => a + b) } });
    });
    const ask = { event_type: "sum.asked", data: { numbers: [1, 2, 3] } };
    const [reply, other] = await Promise.all([
      bus.request(ask, { replyType: "sum.done" }),
      bus.request({ ...ask, data: { numbers: [4] } }, { replyType: "sum.done", trace_id: "mine" }),
    ]);
    expect([reply.data, other.data, other.trace_id]).toEqual([{ sum: 6 }, { sum: 4 }, "mine"]);
    await expect(bus.request({ event_type: "no.one", data: {} }, { timeoutMs: 10 })).rejects.toThrow(
      "no reply to no.one.v1 within 10 ms",
    );
  });

  test("a batch publishes when it is full, when it has waited, and at the end", async () => {
    start();
    const events = await heard("index.updated");
    {
      await using batch = bus.batch({ size: 3, intervalMs: 20 });
      const ids = [1, 2, 3, 4].map((n) => batch.add(updated(n)));
      await until(() => events.length === 4, "the first three at once, and the fourth by its time");
      batch.add(updated(5));
      const published = await batch.flush();
      expect(published.map(({ eventId }) => eventId).slice(0, 4)).toEqual(ids);
      expect(published).toHaveLength(5);
      batch.add(updated(6));
    }
    bus.batch({ intervalMs: 60_000 }).add(updated(7));
    await bus.close();
    expect(filesOf(events)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("a batch keeps what the bus did not take, and publishes it in its place", async () => {
    const log = new MemoryLog();
    start({ log });
    const events = await heard("index.updated");
    const append = log.append.bind(log);
    log.append = () => Promise.reject(new Error("full"));
    const batch = bus.batch({ size: 2 });
    for (const n of [1, 2, 3]) batch.add(updated(n));
    await expect(batch.flush()).rejects.toThrow("the message log did not take them");
    expect(await bus.health()).toMatchObject({ status: "unhealthy", connected: true });
    log.append = append;
    batch.add(updated(4));
    expect(await batch.flush()).toHaveLength(4);
    await bus.whenIdle();
    expect(filesOf(events)).toEqual([1, 2, 3, 4]);
  });

  test("a publisher's events share its source and one correlation_id", async () => {
    start();
    const events = await heard({});
    const [one, two] = [bus.publisher({ source: "one" }), bus.publisher()];
    await one.publish(updated(1));
    await one.publish(updated(2), { correlation_id: "given" });
    await one.publishAll([updated(3)]);
    await two.publish(updated(4));
    await bus.whenIdle();
    expect(events.map(({ source }) => source)).toEqual(["one", "one", "one", "indexer"]);
    const [first, second, third, fourth] = events.map(({ correlation_id }) => correlation_id);
    expect([second, third]).toEqual(["given", first]);
    expect(fourth).not.toBe(first);
  });

  test("a replay gives what is kept, by type and time, the oldest first, and marked", async () => {
    start({ retention: { maxEvents: 3 } });
    await bus.publish(updated(0), at(0));
    await bus.publish(updated(2), at(2));
    await bus.publish({ event_type: "index.failed", data: {} }, at(3));
    await bus.publish(updated(1), at(1));
    expect(filesOf(bus.replay({ type: "index.updated" }))).toEqual([1, 2]);
    const range = { from: new Date("2026-11-21T08:00:02Z"), to: new Date("2026-11-21T08:00:03Z") };
    const [event, ...others] = bus.replay(range);
    expect([event?.data, others]).toEqual([{ files: 2 }, []]);
    expect(event?.replay_generation).toMatch(/^[0-9a-f-]{36}$/);
    const generations = bus.replay().map(({ replay_generation }) => replay_generation);
    expect(new Set(generations).size).toBe(1);
    await bus.close();
    start();
    expect(() => bus.replay()).toThrow("keeps no events to replay");
  });

  test("an event whose ttl_seconds is over is not handled", async () => {
    start();
    const events = await heard("index.updated");
    await bus.publish({ ...updated(1), ttl_seconds: 5 }, { timestamp: new Date(Date.now() - 6000).toISOString() });
    await bus.publish({ ...updated(2), ttl_seconds: 5 });
    await bus.whenIdle();
    expect(filesOf(events)).toEqual([2]);
    expect(bus.stats().expired_events).toBe(1);
  });

  test("stats and log lines tell of each event, its subscribers and its size", async () => {
    const lines: object[] = [];
    start({
      logger: {
        info: (fields) => void lines.push(fields),
        warn: ({ event_type, bytes }: { event_type?: string; bytes?: number }) =>
          void lines.push({ event_type, bytes }),
      },
    });
    await heard("index.updated");
    await heard({});
    await bus.publish(updated(1), { trace_id: "t1" });
    await bus.publish({ event_type: "index.large", data: { text: "x".repeat(1_000_000) } });
    expect(lines).toEqual([
      expect.objectContaining({
        event: "event_published",
        event_type: "index.updated.v1",
        source: "indexer",
        trace_id: "t1",
        subscriber_count: 2,
        payload_keys: ["files"],
      }),
      { event_type: "index.large.v1", bytes: expect.any(Number) },
      expect.objectContaining({ event_type: "index.large.v1", subscriber_count: 1 }),
    ]);
    const event_counts = { "index.updated.v1": 1, "index.large.v1": 1 };
    expect(bus.stats()).toMatchObject({
      total_event_types: 2,
      total_events: 2,
      event_counts,
      events_by_type: event_counts,
      error_counts: {},
    });
  });

  test("health tells what is to do, and that the bus is closed", async () => {
    start();
    const ended = Promise.withResolvers<void>();
    await bus.subscribe("index.updated", () => ended.promise);
    await bus.publish(updated(1));
    const details = { depth: 1, outstanding: 1 };
    expect(await bus.health()).toEqual({ status: "healthy", connected: true, details });
    ended.resolve();
    await bus.close();
    const error = "the bus is closed";
    expect(await bus.health()).toEqual({ status: "unhealthy", connected: false, details: { error } });
    await expect(bus.publish(updated(2))).rejects.toThrow("the broker is closed");
  });

  test("close waits until what was published is handled", async () => {
    start();
    const handled: number[] = [];
    const retry = { minimumSeconds: 0.001, maximumSeconds: 0.001 };
    const handle = (event: Envelope, { attempt }: { attempt: number }) => {
      if (attempt === 1) throw new Error("not yet");
      handled.push(filesOf([event])[0] ?? 0);
    };
    await bus.subscribe("index.updated", handle, { retry });
    await bus.publishAll([1, 2].map(updated));
    await bus.close();
    expect(handled.sort(rising)).toEqual([1, 2]);
  });

  test("the default bus is what was made it, and never made by asking", () => {
    start();
    expect(() => defaultBus()).toThrow("call useAsDefaultBus");
    useAsDefaultBus(bus);
    expect(defaultBus()).toBe(bus);
    useAsDefaultBus(undefined);
    expect(() => defaultBus()).toThrow("there is no default bus");
  });
});
