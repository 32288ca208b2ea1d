import { setImmediate as nextTurn } from "node:timers/promises";
import { Recorder, until } from "@contextpilot/testing";
import { overBothLogs } from "./any-log.ts";
import type { PulledDelivery } from "./pull.ts";
import { PullSubscriber } from "./pull-subscriber.ts";
import { messageOf, topologyOf } from "./test-topology.ts";

const textsOf = (deliveries: readonly Pick<PulledDelivery, "data">[]) =>
  deliveries.map(({ data }) => Buffer.from(data).toString());
const idsOf = (deliveries: readonly PulledDelivery[]) => deliveries.map(({ ackId }) => ackId);
const numbered = (count: number) => Array.from({ length: count }, (_, n) => messageOf(String(n)));

overBothLogs((start) => {
  test("gives at most what is asked for, each message to one who asks, and nothing again that was acked", async () => {
    const broker = await start();
    expect(await broker.pull("sub")).toEqual([]);
    await broker.publish(numbered(5));
    const first = await broker.pull("sub", { maxMessages: 2 });
    const second = await broker.pull("sub");
    expect([textsOf(first), textsOf(second)]).toEqual([
      ["0", "1"],
      ["2", "3", "4"],
    ]);
    expect((await broker.countsOf("sub")).outstanding).toBe(5);
    expect(broker.ack("sub", idsOf([...first, ...second]))).toEqual([]);
    expect(await broker.pull("sub")).toEqual([]);
    expect(await broker.countsOf("sub")).toMatchObject({ depth: 0, outstanding: 0, oldestAgeSeconds: 0 });
  });

  test("waits for the first message, and no longer than it is told", async () => {
    const broker = await start();
    const waiting = broker.pull("sub", { waitMs: 10_000 });
    await until(async () => (await broker.countsOf("sub")).consumers === 1, "the call");
    await broker.publish([messageOf("first")]);
    expect(textsOf(await waiting)).toEqual(["first"]);
    expect(await broker.pull("sub", { waitMs: 10 })).toEqual([]);
    const stop = new AbortController();
    const stopped = broker.pull("sub", { waitMs: 10_000, signal: stop.signal });
    stop.abort();
    expect(await stopped).toEqual([]);
    const closing = broker.pull("sub", { waitMs: 10_000 });
    await broker.close({ graceMs: 0 });
    expect(await closing).toEqual([]);
  });

  test("what was nacked, and what passed its deadline, comes again; an answer that came too late is named", async () => {
    const broker = await start({ topology: topologyOf({ ackDeadlineSeconds: 0.03 }) });
    await broker.publish(numbered(2));
    const [nacked, silent] = idsOf(await broker.pull("sub"));
    expect(broker.nack("sub", [nacked ?? ""])).toEqual([]);
    await until(async () => (await broker.countsOf("sub")).outstanding === 0, "the deadline");
    expect(broker.ack("sub", [nacked ?? "", silent ?? "", "unknown"])).toEqual([nacked, silent, "unknown"]);
    const seen: string[] = [];
    while (seen.length < 2) {
      const again = await broker.pull("sub", { waitMs: 1000 });
      seen.push(...textsOf(again));
      broker.ack("sub", idsOf(again));
    }
    expect(seen.sort()).toEqual(["0", "1"]);
  });

  test("an extended deadline holds, and ends at last", async () => {
    const broker = await start({ topology: topologyOf({ ackDeadlineSeconds: 0.05 }) });
    await broker.publish([messageOf("long")]);
    const [delivery] = await broker.pull("sub");
    const ids = [delivery?.ackId ?? ""];
    const startedAt = performance.now();
    expect(broker.extend("sub", ids, 0.2)).toEqual([]);
    expect(textsOf(await broker.pull("sub", { waitMs: 1000 }))).toEqual(["long"]);
    expect(performance.now() - startedAt).toBeGreaterThan(195);
    expect(broker.extend("sub", ids, 0.2)).toEqual(ids);
    expect(() => broker.extend("sub", ids, 601)).toThrow("at most 600 s away, got 601");
  });

  test("a subscriber that pulls keeps a delivery past its deadline, and takes no more than it has room for", async () => {
    const broker = await start({ topology: topologyOf({ ackDeadlineSeconds: 0.06 }) });
    const subscriber = new PullSubscriber(broker, { maxOutstanding: 3 });
    await broker.publish(numbered(8));
    let [running, most] = [0, 0];
    const recorder = new Recorder(async () => {
      most = Math.max(most, ++running);
      const startedAt = performance.now();
      await until(() => performance.now() - startedAt > 150, "more than two deadlines");
      running--;
      return "ack" as const;
    });
    const subscription = await subscriber.subscribe("sub", recorder.deliver);
    await recorder.untilAcked(8);
    expect(textsOf(recorder.deliveries)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
    expect(most).toBe(3);
    await subscription.stop();
    await broker.publish([messageOf("later")]);
    await nextTurn();
    expect(textsOf(await broker.pull("sub"))).toEqual(["later"]);
  });

  test("a delivery that runs longer than it may is given up", async () => {
    const broker = await start({ topology: topologyOf({ ackDeadlineSeconds: 0.02 }) });
    const subscriber = new PullSubscriber(broker, { maxExtensionSeconds: 0.03 });
    const recorder = new Recorder((_, seen) => (seen === 1 ? new Promise<never>(() => {}) : "ack"));
    await subscriber.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("stuck")]);
    expect(textsOf(await recorder.untilAcked(1))).toEqual(["stuck"]);
  });
});
