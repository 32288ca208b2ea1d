import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acknowledgement } from "@contextpilot/messaging";
import { GrpcProxy, Recorder, describeOn, pubsubEmulator, until } from "@contextpilot/testing";
import { connect } from "./connection.ts";
import { drainSubscription } from "./drain-subscription.ts";
import { makeProject, makeTopology, step, textsOf } from "./emulated-topology.fixture.ts";
import { PubsubPublisher } from "./pubsub-publisher.ts";
import { PubsubSubscriber, type PubsubSubscriberOptions } from "./pubsub-subscriber.ts";

/** Of gRPC. */
const PERMISSION_DENIED = 7;

describeOn(pubsubEmulator, "the subscriber, on the emulator,", (emulator) => {
  let projectId: string;
  let publisher: PubsubPublisher;
  const opened: { close(): Promise<void> }[] = [];
  const subscriberWith = (options: Partial<PubsubSubscriberOptions> = {}): PubsubSubscriber => {
    const subscriber = new PubsubSubscriber({ projectId, emulatorHost: emulator().host, ...options });
    opened.push(subscriber);
    return subscriber;
  };

  beforeEach(async () => {
    projectId = await makeProject(emulator().host);
    publisher = new PubsubPublisher({ projectId, emulatorHost: emulator().host });
    opened.push(publisher);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  });

  test("runs no more than it has room for", async () => {
    const waiting: ((answer: Acknowledgement) => void)[] = [];
    const recorder = new Recorder(() => new Promise((resolve) => waiting.push(resolve)));
    await subscriberWith({ maxOutstanding: 2 }).subscribe("from-steps", recorder.deliver);
    await publisher.publish(["1", "2", "3", "4", "5"].map((text) => step(text)));
    await recorder.untilDelivered(2);
    for (let answered = 0; answered < 5; answered += 1) {
      await until(() => waiting.length > 0, "a delivery that runs");
      expect(recorder.deliveries.length - recorder.acked.length).toBeLessThanOrEqual(2);
      waiting.shift()?.("ack");
    }
    expect(new Set(textsOf(await recorder.untilAcked(5))).size).toBe(5);
  });

  test("keeps a delivery that takes longer than the ack deadline", async () => {
    const answer = Promise.withResolvers<Acknowledgement>();
    const recorder = new Recorder(() => answer.promise);
    await subscriberWith().subscribe("from-steps", recorder.deliver);
    await publisher.publish([step("slow")]);
    await recorder.untilDelivered(1);
    const since = performance.now();
    await until(() => performance.now() - since > 13_000, "the ack deadline of 10 s", {
      withinMs: 20_000,
      everyMs: 100,
    });
    answer.resolve("ack");
    await recorder.untilAcked(1);
    expect(textsOf(recorder.deliveries)).toEqual(["slow"]);
  });

  test("stopped, it answers what runs and gives back what has not begun, so that another has it at once", async () => {
    const answer = Promise.withResolvers<Acknowledgement>();
    const stopped = new Recorder(() => answer.promise);
    const subscription = await subscriberWith().subscribe("from-steps", stopped.deliver);
    await publisher.publish([step("a1", "a"), step("a2", "a"), step("a3", "a")]);
    await stopped.untilDelivered(1);
    const stopping = subscription.stop();
    answer.resolve("ack");
    await stopping;
    const since = performance.now();
    const next = new Recorder();
    await subscriberWith().subscribe("from-steps", next.deliver);
    await next.untilAcked(2);
    // Their ack deadline is 10 s.
    expect(performance.now() - since).toBeLessThan(8_000);
    expect(textsOf(stopped.deliveries)).toEqual(["a1"]);
    expect(textsOf(next.acked)).toEqual(["a2", "a3"]);
  });

  test("that may consume but not look hears all the same, in order", async () => {
    const proxy = await GrpcProxy.open(emulator().host);
    proxy.fateOf = (method) =>
      method === "GetSubscription" ? { kind: "refused", status: PERMISSION_DENIED } : { kind: "passes" };
    let running = 0;
    let together = 0;
    const recorder = new Recorder(async (): Promise<Acknowledgement> => {
      together = Math.max(together, (running += 1));
      await nextTurn();
      running -= 1;
      return "ack";
    });
    const subscriber = new PubsubSubscriber({ projectId, emulatorHost: proxy.host });
    try {
      await subscriber.subscribe("from-steps", recorder.deliver);
      await publisher.publish([step("a1", "a"), step("a2", "a"), step("a3", "a")]);
      expect(textsOf(await recorder.untilAcked(3))).toEqual(["a1", "a2", "a3"]);
      expect(together).toBe(1);
    } finally {
      await subscriber.close();
      await proxy.close();
    }
  });

  test("tells of a subscription that goes, and hears it when it is there again", async () => {
    const errors: unknown[] = [];
    const recorder = new Recorder();
    await subscriberWith({ onError: (error) => errors.push(error) }).subscribe("from-steps", recorder.deliver);
    const pubsub = await connect({ projectId, emulatorHost: emulator().host });
    opened.push(pubsub);
    await pubsub.subscription("from-steps").delete();
    await pubsub.topic("steps").delete();
    await until(() => errors.length > 0, "the error");
    await makeTopology(emulator().host, projectId);
    await publisher.publish([step("again")]);
    expect(textsOf(await recorder.untilAcked(1))).toEqual(["again"]);
  });

  test("of a job ends when nothing has come for so long and nothing runs, and counts what it did", async () => {
    await publisher.publish(["1", "2", "3"].map((text) => step(text)));
    const recorder = new Recorder((delivery, timesSeen) =>
      textsOf([delivery])[0] === "2" && timesSeen === 1 ? "nack" : "ack",
    );
    const drained = await drainSubscription(subscriberWith(), "from-steps", recorder.deliver, { emptySeconds: 1 });
    expect(drained).toEqual({ acked: 3, nacked: 1 });
    expect([...textsOf(recorder.acked)].sort()).toEqual(["1", "2", "3"]);
  });

  test("of a job does not end while something runs, however long it takes", async () => {
    await publisher.publish([step("1"), step("2")]);
    const recorder = new Recorder(async (): Promise<Acknowledgement> => {
      const since = performance.now();
      await until(() => performance.now() - since > 700, "longer than the quiet that ends it");
      return "ack";
    });
    const subscriber = subscriberWith({ maxOutstanding: 1 });
    const drained = await drainSubscription(subscriber, "from-steps", recorder.deliver, { emptySeconds: 0.4 });
    expect(drained).toEqual({ acked: 2, nacked: 0 });
  });

  test("of a job that is told to end answers what runs", async () => {
    const controller = new AbortController();
    await publisher.publish([step("1")]);
    const recorder = new Recorder(() => {
      controller.abort();
      return "ack";
    });
    const job = drainSubscription(subscriberWith(), "from-steps", recorder.deliver, {
      emptySeconds: 600,
      signal: controller.signal,
    });
    expect(await job).toEqual({ acked: 1, nacked: 0 });
  });
});
