import { setImmediate as nextTurn } from "node:timers/promises";
import { PublishError, type Acknowledgement } from "@contextpilot/messaging";
import { FilterError } from "@contextpilot/topology";
import { Recorder, until } from "@contextpilot/testing";
import { Broker, type BrokerOptions } from "./broker.ts";
import type { BrokerSubscription } from "./broker-topology.ts";
import { MemoryLog } from "./memory-log.ts";
import { messageOf, topologyOf } from "./test-topology.ts";

const never = () => new Promise<never>(() => {});
const textsOf = (recorder: Recorder) => recorder.deliveries.map(({ data }) => Buffer.from(data).toString());

describe("the broker", () => {
  let broker: Broker;
  const start = (options: Partial<BrokerOptions> = {}) =>
    (broker = new Broker({ topology: topologyOf(), log: new MemoryLog(), retryScale: 0.001, ...options }));
  afterEach(() => broker.close({ graceMs: 0 }));

  test("a silence past the ack deadline is a nack, and the answer that comes later changes nothing", async () => {
    start({ topology: topologyOf({ ackDeadlineSeconds: 0.05 }) });
    const late = Promise.withResolvers<Acknowledgement>();
    const recorder = new Recorder((_, timesSeen) =>
      timesSeen === 1 ? late.promise : timesSeen === 2 ? "nack" : "ack",
    );
    await broker.subscribe("sub", recorder.deliver);
    const started = performance.now();
    await broker.publish([messageOf("slow")]);
    await recorder.untilDelivered(2);
    expect(performance.now() - started).toBeGreaterThan(50);
    late.resolve("ack");
    // Were the late ack taken, the second delivery's nack would bring nothing.
    await recorder.untilDelivered(3);
  });

  test("stop does not wait longer than the ack deadline for a silent subscriber", async () => {
    start({ topology: topologyOf({ ackDeadlineSeconds: 0.05 }) });
    const recorder = new Recorder(never);
    const subscription = await broker.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("silent")]);
    await recorder.untilDelivered(1);
    await subscription.stop();
    const next = new Recorder();
    await broker.subscribe("sub", next.deliver);
    expect(await next.untilAcked(1)).toHaveLength(1);
  });

  test("retries wait from the minimum to the maximum, doubling", async () => {
    start({
      topology: topologyOf({ retry: { minimumSeconds: 10, maximumSeconds: 40 } }),
      retryScale: 0.003,
      random: () => 0.5,
    });
    const times: number[] = [];
    const recorder = new Recorder((_, timesSeen) => {
      times.push(performance.now());
      return timesSeen < 5 ? "nack" : "ack";
    });
    await broker.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("failing")]);
    await recorder.untilAcked(1);
    const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    for (const [n, expected] of [30, 60, 120, 120].entries()) {
      // A timer may fire a millisecond early; a busy machine makes it late.
      expect(gaps[n]).toBeGreaterThan(expected - 2);
      expect(gaps[n]).toBeLessThan(expected * 2 + 200);
    }
  });

  test("a backlog is delivered with no more outstanding than allowed", async () => {
    start({ maxOutstanding: 20 });
    const messages = Array.from({ length: 10_000 }, (_, n) => messageOf(String(n)));
    await broker.publish(messages);
    let outstanding = 0;
    let most = 0;
    const seen = new Set<string>();
    await broker.subscribe("sub", async ({ data }) => {
      most = Math.max(most, ++outstanding);
      await nextTurn();
      outstanding--;
      seen.add(Buffer.from(data).toString());
      return "ack";
    });
    await until(
      () => seen.size === messages.length,
      () => `10,000 deliveries, there were ${seen.size}`,
    );
    expect(most).toBe(20);
  });

  test("a long backlog of quick answers leaves the event loop to others", async () => {
    start();
    await broker.publish(Array.from({ length: 5_000 }, (_, n) => messageOf(String(n))));
    const seen = new Set<string>();
    await broker.subscribe("sub", ({ messageId }) => {
      seen.add(messageId);
      return Promise.resolve("ack");
    });
    await nextTurn();
    await nextTurn();
    expect(seen.size).toBeLessThan(2_000);
    await until(() => seen.size === 5_000, "the whole backlog");
  });

  test("a long backlog of one blocked key lets another key through", async () => {
    start({ topology: topologyOf({ ordered: true }), retryScale: 1 });
    await broker.publish(Array.from({ length: 5_000 }, (_, n) => messageOf(`blocked ${n}`, "blocked")));
    await broker.publish([messageOf("free", "free")]);
    const recorder = new Recorder(({ orderingKey }) => (orderingKey === "blocked" ? "nack" : "ack"));
    await broker.subscribe("sub", recorder.deliver);
    await recorder.untilAcked(1);
    expect(textsOf(recorder)).toEqual(["blocked 0", "free"]);
  });

  test("a subscriber that comes after another has stopped goes on where that one was", async () => {
    start();
    const first = new Recorder();
    const subscription = await broker.subscribe("sub", first.deliver);
    await broker.publish([messageOf("1"), messageOf("2")]);
    await first.untilAcked(2);
    await subscription.stop();
    await broker.publish([messageOf("3"), messageOf("4")]);
    const second = new Recorder();
    await broker.subscribe("sub", second.deliver);
    await second.untilAcked(2);
    expect([textsOf(first), textsOf(second)]).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  test("a new broker over the same log delivers at once what was outstanding and what waited for its retry", async () => {
    const log = new MemoryLog();
    start({ log, retryScale: 1 });
    const first = new Recorder(({ data }) => (Buffer.from(data).toString() === "failed" ? "nack" : never()));
    await broker.subscribe("sub", first.deliver);
    await broker.publish([messageOf("failed"), messageOf("outstanding")]);
    await first.untilDelivered(2);
    await broker.close({ graceMs: 0 });

    start({ log, retryScale: 1 });
    const second = new Recorder();
    await broker.subscribe("sub", second.deliver);
    await second.untilAcked(2);
    expect(textsOf(second)).toEqual(["failed", "outstanding"]);
  });

  test("a list with a message that is refused is refused whole", async () => {
    start();
    const refused = { ...messageOf("refused"), topic: "not-there" };
    const error: unknown = await broker
      .publish([messageOf("a"), refused, messageOf("b"), refused])
      .catch((error) => error);
    expect(error).toEqual(new PublishError("message 1: there is no topic not-there", [1, 3]));
    const recorder = new Recorder();
    await broker.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("next")]);
    await recorder.untilAcked(1);
    expect(textsOf(recorder)).toEqual(["next"]);
  });

  test("a log that takes nothing refuses every message, with its reason", async () => {
    const full = new Error("the disk is full");
    const log = new MemoryLog();
    log.append = () => Promise.reject(full);
    start({ log });
    const error: unknown = await broker.publish([messageOf("a"), messageOf("b")]).catch((error) => error);
    expect(error).toMatchObject({ name: "PublishError", failed: [0, 1], cause: full });
  });

  test("a log that cannot be read for a moment is read again", async () => {
    const log = new MemoryLog();
    const read = log.read.bind(log);
    log.read = () => {
      log.read = read;
      return Promise.reject(new Error("the disk hangs"));
    };
    const errors: unknown[] = [];
    start({ log, onError: (error) => errors.push(error) });
    const recorder = new Recorder();
    await broker.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("a"), messageOf("b")]);
    await recorder.untilAcked(2);
    expect(textsOf(recorder)).toEqual(["a", "b"]);
    expect(errors).toEqual([new Error("the disk hangs")]);
  });

  test("close waits for what runs, and takes and delivers nothing more", async () => {
    start();
    const answer = Promise.withResolvers<Acknowledgement>();
    const recorder = new Recorder(() => answer.promise);
    await broker.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("running")]);
    await recorder.untilDelivered(1);
    let closed = false;
    const closing = broker.close().then(() => (closed = true));
    await expect(broker.publish([messageOf("late")])).rejects.toThrow("the broker is closed");
    await expect(broker.subscribe("sub", recorder.deliver)).rejects.toThrow("the broker is closed");
    expect(closed).toBe(false);
    answer.resolve("ack");
    await closing;
    expect(textsOf(recorder)).toEqual(["running"]);
  });

  test("close gives up waiting when its grace is over, and lets go whoever waits for a stop", async () => {
    start();
    const recorder = new Recorder(never);
    const subscription = await broker.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("silent")]);
    await recorder.untilDelivered(1);
    await broker.close({ graceMs: 10 });
    await expect(subscription.stop()).resolves.toBeUndefined();
  });

  test("a topology that does not hold together is refused at once", () => {
    start();
    const open = (sub: Partial<BrokerSubscription>) => start({ topology: topologyOf(sub) });
    expect(() => open({ topic: "gone" })).toThrow("subscription sub names a topic that is not there: gone");
    expect(() => open({ deadLetter: { topic: "gone", maxDeliveryAttempts: 5 } })).toThrow("not there: gone");
    expect(() => open({ filter: "attributes.kind =" })).toThrow(FilterError);
  });
});
