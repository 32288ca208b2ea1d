import { setTimeout as later } from "node:timers/promises";
import { Recorder, until } from "@contextpilot/testing";
import { overBothLogs } from "./any-log.ts";
import { messageOf, topologyOf } from "./test-topology.ts";

const textsOf = (recorder: Recorder) => recorder.deliveries.map(({ data }) => Buffer.from(data).toString());
const numbered = (count: number, key?: string) => Array.from({ length: count }, (_, n) => messageOf(String(n), key));
/** A clock that tests move. */
class Hands {
  #now = Date.parse("2026-11-21T08:00:00Z");
  now = () => new Date(this.#now);
  forward(seconds: number) {
    this.#now += seconds * 1000;
    return this.now();
  }
}

overBothLogs((start) => {
  describe("counting", () => {
    test("what waits, what is outstanding, who hears, and how old the oldest is", async () => {
      const clock = new Hands();
      const broker = await start({ clock, maxOutstanding: 2 });
      await broker.publish(numbered(2));
      clock.forward(60);
      await broker.publish(numbered(1));
      clock.forward(30);
      await broker.subscribe("sub", new Recorder(() => new Promise<never>(() => {})).deliver);
      await until(async () => (await broker.countsOf("sub")).outstanding === 2, "two deliveries");
      const counts = { subscription: "sub", depth: 3, outstanding: 2, consumers: 1, expired: 0, paused: false };
      expect(await broker.countsOf("sub")).toEqual({ ...counts, oldestAgeSeconds: expect.closeTo(90, 2) });
      expect((await broker.counts()).map(({ subscription, depth }) => [subscription, depth])).toEqual([
        ["dlq", 0],
        ["sub", 3],
      ]);
    });

    test("a purge says how many there were, and none of them comes any more, nor is a dead letter", async () => {
      const deadLetter = { topic: "topic-dlq", maxDeliveryAttempts: 1 };
      const broker = await start({ topology: topologyOf({ deadLetter }), maxOutstanding: 2 });
      await broker.publish(numbered(5000));
      const answer = Promise.withResolvers<"nack">();
      const recorder = new Recorder(({ data }) => (data.byteLength === 1 ? answer.promise : "ack"));
      await broker.subscribe("sub", recorder.deliver);
      await recorder.untilDelivered(2);
      expect(await broker.purge("sub")).toBe(5000);
      answer.resolve("nack");
      await broker.publish([messageOf("next")]);
      await recorder.untilAcked(1);
      await broker.whenIdle();
      expect(textsOf(recorder)).toEqual(["0", "1", "next"]);
      expect(await broker.purge("sub")).toBe(0);
      expect((await broker.countsOf("dlq")).depth).toBe(0);
    });

    test("what was purged while it was outstanding is no dead letter after a seek to before the purge either", async () => {
      const deadLetter = { topic: "topic-dlq", maxDeliveryAttempts: 1 };
      const broker = await start({ topology: topologyOf({ deadLetter }) });
      const answer = Promise.withResolvers<"nack">();
      const recorder = new Recorder(() => answer.promise);
      await broker.subscribe("sub", recorder.deliver);
      await broker.publish(numbered(1));
      await recorder.untilDelivered(1);
      expect(await broker.purge("sub")).toBe(1);
      await broker.seek("sub", new Date(0));
      answer.resolve("nack");
      await broker.whenIdle();
      expect((await broker.countsOf("dlq")).depth).toBe(0);
    });

    test("what was purged while it waited for its retry holds up nobody of its key", async () => {
      const retry = { minimumSeconds: 60, maximumSeconds: 600 };
      const broker = await start({ topology: topologyOf({ ordered: true, retry }), retryScale: 1 });
      const recorder = new Recorder(({ data }) => (data.byteLength === 1 ? "nack" : "ack"));
      await broker.subscribe("sub", recorder.deliver);
      await broker.publish(numbered(1, "key"));
      await recorder.untilDelivered(1);
      await until(async () => (await broker.countsOf("sub")).outstanding === 0, "the nack");
      expect(await broker.purge("sub")).toBe(1);
      await broker.publish([messageOf("next", "key")]);
      await recorder.untilAcked(1);
      expect(textsOf(recorder)).toEqual(["0", "next"]);
    });
  });

  test("a paused subscription delivers nothing until it is resumed", async () => {
    const broker = await start();
    const [paused, other] = [new Recorder(), new Recorder()];
    await broker.createSubscription({ name: "other", topic: "topic" });
    await broker.subscribe("sub", paused.deliver);
    await broker.subscribe("other", other.deliver);
    broker.pause("sub");
    await broker.publish(numbered(3));
    await other.untilAcked(3);
    expect(await broker.pull("sub", { waitMs: 5 })).toEqual([]);
    expect(await broker.countsOf("sub")).toMatchObject({ depth: 3, paused: true });
    expect(paused.deliveries).toEqual([]);
    broker.resume("sub");
    await paused.untilAcked(3);
  });

  describe("seeking", () => {
    const retaining = topologyOf({ retainAcked: true });

    test("what was acked since comes again, in order and once; what is before does not come at all", async () => {
      const clock = new Hands();
      const broker = await start({ clock, topology: retaining });
      const recorder = new Recorder();
      const times: Date[] = [];
      const subscription = await broker.subscribe("sub", recorder.deliver);
      for (const text of ["a", "b", "c"]) {
        times.push(clock.forward(10));
        await broker.publish([messageOf(`${text} 1`), messageOf(`${text} 2`)]);
      }
      await recorder.untilAcked(6);
      await subscription.stop();
      await broker.publish([messageOf("d")]);
      expect(await broker.seek("sub", times[1] ?? new Date())).toEqual({ dropped: 0, restored: 4 });
      const again = new Recorder();
      await broker.subscribe("sub", again.deliver);
      await again.untilAcked(5);
      await broker.whenIdle();
      expect(textsOf(again)).toEqual(["b 1", "b 2", "c 1", "c 2", "d"]);
      // Forward again, over what was never delivered: it is retained as well.
      broker.pause("sub");
      await broker.publish([messageOf("e")]);
      expect(await broker.seek("sub", clock.forward(10))).toEqual({ dropped: 1, restored: 0 });
      expect(await broker.seek("sub", new Date(0))).toEqual({ dropped: 0, restored: 8 });
    });

    test("a restart in between changes nothing", async () => {
      const clock = new Hands();
      let broker = await start({ clock, topology: retaining });
      const recorder = new Recorder();
      await broker.subscribe("sub", recorder.deliver);
      await broker.publish(numbered(3));
      await recorder.untilAcked(3);
      broker = await start({ clock, topology: retaining });
      expect((await broker.countsOf("sub")).depth).toBe(0);
      await broker.seek("sub", clock.now());
      const again = new Recorder();
      await broker.subscribe("sub", again.deliver);
      await again.untilAcked(3);
      expect(textsOf(again)).toEqual(["0", "1", "2"]);
    });

    test("what is outstanding stays with who has it, and holds its key", async () => {
      const broker = await start({ topology: topologyOf({ ordered: true, retainAcked: true }), maxOutstanding: 5 });
      const answer = Promise.withResolvers<"ack">();
      const recorder = new Recorder(({ data }) => (Buffer.from(data).toString() === "1" ? answer.promise : "ack"));
      await broker.subscribe("sub", recorder.deliver);
      await broker.publish(numbered(4, "key"));
      await recorder.untilDelivered(2);
      expect(await broker.seek("sub", new Date(0))).toEqual({ dropped: 0, restored: 1 });
      expect(textsOf(recorder)).toEqual(["0", "1"]);
      answer.resolve("ack");
      await recorder.untilAcked(5);
      expect(textsOf(recorder)).toEqual(["0", "1", "0", "2", "3"]);
      expect((await broker.countsOf("sub")).depth).toBe(0);
    });

    test("without retaining, only what is not acked is left to go to", async () => {
      const broker = await start();
      await broker.publish(numbered(3));
      const [first] = await broker.pull("sub", { maxMessages: 1 });
      broker.ack("sub", [first?.ackId ?? ""]);
      expect(await broker.seek("sub", new Date(0))).toEqual({ dropped: 0, restored: 0 });
      expect(await broker.pull("sub")).toHaveLength(2);
      expect(await broker.seek("sub", new Date(Date.now() + 1000))).toEqual({ dropped: 2, restored: 0 });
      await expect(broker.seek("sub", new Date("never"))).rejects.toThrow("invalid date");
    });
  });

  describe("ageing", () => {
    test("messages go when they reach their age, by themselves, and are counted", async () => {
      const broker = await start({ topology: topologyOf({ messageTtlSeconds: 0.05 }) });
      await broker.publish(numbered(3));
      await until(async () => (await broker.countsOf("sub")).expired === 3, "three dropped for their age");
      await broker.publish(numbered(2));
      await until(async () => (await broker.countsOf("sub")).expired === 5, "two more");
      expect(await broker.countsOf("sub")).toMatchObject({ depth: 0 });
      expect((await broker.countsOf("dlq")).depth).toBe(0);
    });

    test("what is too old at the moment of its delivery is not delivered", async () => {
      const clock = new Hands();
      const broker = await start({ clock, topology: topologyOf({ messageTtlSeconds: 60 }) });
      await broker.publish([messageOf("stale")]);
      clock.forward(61);
      const recorder = new Recorder();
      await broker.subscribe("sub", recorder.deliver);
      await broker.publish([messageOf("fresh")]);
      await recorder.untilAcked(1);
      await broker.whenIdle();
      expect(textsOf(recorder)).toEqual(["fresh"]);
    });

    test("what waits for its retry, or is outstanding, is not delivered again past its age", async () => {
      const broker = await start({ topology: topologyOf({ messageTtlSeconds: 0.1 }), retryScale: 0.02 });
      const recorder = new Recorder(async ({ data }) => {
        if (Buffer.from(data).toString() === "slow") await later(150);
        return "nack" as const;
      });
      await broker.subscribe("sub", recorder.deliver);
      await broker.publish([messageOf("slow"), messageOf("failing")]);
      await until(async () => (await broker.countsOf("sub")).expired === 2, "both dropped");
      await broker.whenIdle();
      expect(textsOf(recorder)).toEqual(["slow", "failing"]);
    });

    test("what grew too old while nobody was there goes at the start, retained messages too", async () => {
      const clock = new Hands();
      const options = { clock, topology: topologyOf({ retentionDays: 7, retainAcked: true }) };
      let broker = await start(options);
      await broker.publish(numbered(3));
      const [first] = await broker.pull("sub", { maxMessages: 1 });
      broker.ack("sub", [first?.ackId ?? ""]);
      clock.forward(6 * 24 * 60 * 60);
      await broker.publish([messageOf("young")]);
      clock.forward(1.5 * 24 * 60 * 60);
      broker = await start(options);
      const recorder = new Recorder();
      await broker.subscribe("sub", recorder.deliver);
      await recorder.untilAcked(1);
      expect(textsOf(recorder)).toEqual(["young"]);
      await until(async () => (await broker.countsOf("sub")).expired === 2, "the two that grew too old");
      expect(await broker.seek("sub", new Date(0))).toEqual({ dropped: 0, restored: 1 });
    });
  });

  test("what is critical overtakes a backlog of thousands", async () => {
    const broker = await start({ topology: topologyOf({ byPriority: true }), maxOutstanding: 1 });
    await broker.publish(numbered(3000));
    const recorder = new Recorder(({ attributes, messageId }) => {
      if (attributes["priority"] !== "critical" && recorder.deliveries.length === 10) {
        return broker.publish([{ ...messageOf(messageId), attributes: { priority: "critical" } }]).then(() => "ack");
      }
      return "ack";
    });
    await broker.subscribe("sub", recorder.deliver);
    await recorder.untilDelivered(20);
    const overtaking = recorder.deliveries.findIndex(({ attributes }) => attributes["priority"] === "critical");
    expect(overtaking).toBe(10);
  });
});
