import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Recorder } from "@contextpilot/testing";
import { Broker } from "./broker.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { messageOf, topologyOf } from "./test-topology.ts";

describe("dead letters", () => {
  let folder: string;
  let log: SqliteLog;
  let broker: Broker;
  const errors: unknown[] = [];
  const start = (ordered = false) => {
    const topology = topologyOf({ ordered, deadLetter: { topic: "topic-dlq", maxDeliveryAttempts: 5 } });
    log = SqliteLog.open({ file: join(folder, "broker.db") });
    broker = new Broker({ topology, log, retryScale: 0.0005, onError: (error) => errors.push(error) });
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "broker-"));
    start();
  });
  afterEach(async () => {
    await broker.close({ graceMs: 0 });
    await rm(folder, { recursive: true });
  });

  test("what failed as often as allowed is on the dead-letter topic, with Pub/Sub's four attributes, and nowhere else", async () => {
    const failing = new Recorder(() => "nack");
    const dead = new Recorder();
    await broker.subscribe("sub", failing.deliver);
    await broker.subscribe("dlq", dead.deliver);
    const [id] = await broker.publish([{ ...messageOf("poison", "key"), attributes: { kind: "commit" } }]);
    const [letter] = await dead.untilAcked(1);

    expect(failing.deliveries.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1, 2, 3, 4, 5]);
    expect(letter?.messageId).not.toBe(id);
    expect(letter).toMatchObject({ subscription: "dlq", orderingKey: "key" });
    expect(Buffer.from(letter?.data ?? []).toString()).toBe("poison");
    expect(letter?.attributes).toEqual({
      kind: "commit",
      CloudPubSubDeadLetterSourceDeliveryCount: "5",
      CloudPubSubDeadLetterSourceSubscription: "sub",
      CloudPubSubDeadLetterSourceSubscriptionProject: "local",
      CloudPubSubDeadLetterSourceTopicPublishTime: failing.deliveries[0]?.publishTime,
    });
    expect(await log.pending("sub", 0, 10)).toEqual([]);
  });

  test("failures are counted on after a restart", async () => {
    const first = new Recorder((_, timesSeen) => (timesSeen <= 3 ? "nack" : new Promise<never>(() => {})));
    await broker.subscribe("sub", first.deliver);
    await broker.publish([messageOf("poison")]);
    await first.untilDelivered(4);
    await broker.close({ graceMs: 0 });

    start();
    const second = new Recorder(() => "nack");
    const dead = new Recorder();
    await broker.subscribe("sub", second.deliver);
    await broker.subscribe("dlq", dead.deliver);
    await dead.untilAcked(1);
    // The fourth was not answered: it does not count.
    expect(second.deliveries.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([4, 5]);
  });

  test("with ordering, the key goes on when its failing message is dead", async () => {
    await broker.close();
    start(true);
    const recorder = new Recorder(({ data }) => (Buffer.from(data).toString() === "poison" ? "nack" : "ack"));
    await broker.subscribe("sub", recorder.deliver);
    await broker.publish([messageOf("poison", "key"), messageOf("next", "key")]);
    await recorder.untilAcked(1);
    expect(recorder.deliveries).toHaveLength(6);
  });

  test("a failing message stays where it is while the dead letter cannot be written", async () => {
    const append = log.append.bind(log);
    const failing = new Recorder(() => "nack");
    const dead = new Recorder();
    await broker.publish([messageOf("poison")]);
    log.append = () => {
      log.append = append;
      return Promise.reject(new Error("the disk is full"));
    };
    await broker.subscribe("sub", failing.deliver);
    await broker.subscribe("dlq", dead.deliver);
    await dead.untilAcked(1);
    expect(failing.deliveries.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(errors).toEqual([new Error("the disk is full")]);
  });
});
