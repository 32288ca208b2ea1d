import { Recorder } from "@contextpilot/testing";
import { FilterError } from "@contextpilot/topology";
import { overBothLogs } from "./any-log.ts";
import { EVERY_TOPIC } from "./broker-topology.ts";
import { messageOf } from "./test-topology.ts";

const textsOf = (recorder: Recorder) => recorder.deliveries.map(({ data }) => Buffer.from(data).toString());
const topics = ["one", "two", "two-dlq"].map((name) => ({ name }));

const wanted = (text: string, priority: string) => ({ ...messageOf(text), attributes: { kind: "wanted", priority } });

overBothLogs((start) => {
  test("a subscription hears what is published once it is there, with others of the topic", async () => {
    const broker = await start();
    await broker.publish([messageOf("before")]);
    await broker.createSubscription({ name: "added", topic: "topic" });
    await broker.publish([messageOf("after")]);
    const [added, first] = [new Recorder(), new Recorder()];
    await broker.subscribe("added", added.deliver);
    await broker.subscribe("sub", first.deliver);
    await added.untilAcked(1);
    await first.untilAcked(2);
    expect([textsOf(added), textsOf(first)]).toEqual([["after"], ["before", "after"]]);
  });

  test("one subscription may hear every topic but the dead letters", async () => {
    const broker = await start({ topology: { topics, subscriptions: [] } });
    await broker.createSubscription({ name: "all", topic: EVERY_TOPIC, patterns: ["a.#", "*.b"] });
    await broker.publish(
      topics.map(({ name }, n) => ({ ...messageOf(name), topic: name, routingKey: n === 0 ? "a.b" : "a.c" })),
    );
    const recorder = new Recorder();
    await broker.subscribe("all", recorder.deliver);
    await recorder.untilAcked(2);
    await broker.whenIdle();
    expect(textsOf(recorder)).toEqual(["one", "two"]);
  });

  test("a deleted subscription is heard no more, and another of its name begins with nothing", async () => {
    const broker = await start();
    await broker.createSubscription({ name: "added", topic: "topic", durable: true });
    const recorder = new Recorder((_, seen) => (seen === 1 ? "nack" : "ack"));
    await broker.subscribe("added", recorder.deliver);
    await broker.publish([messageOf("1")]);
    await recorder.untilDelivered(1);
    await broker.deleteSubscription("added");
    await broker.publish([messageOf("2")]);
    await expect(broker.subscribe("added", recorder.deliver)).rejects.toThrow("there is no subscription added");
    await broker.createSubscription({ name: "added", topic: "topic" });
    expect((await broker.countsOf("added")).depth).toBe(0);
    await broker.publish([messageOf("3")]);
    const next = new Recorder();
    await broker.subscribe("added", next.deliver);
    await next.untilAcked(1);
    expect([textsOf(recorder), textsOf(next)]).toEqual([["1"], ["3"]]);
  });

  test("a durable one is there after a restart with what it had, any other is not", async () => {
    const options = { topic: "topic", filter: 'attributes.kind = "wanted"', byPriority: true };
    let broker = await start();
    await broker.createSubscription({ ...options, name: "durable", durable: true });
    await broker.createSubscription({ ...options, name: "passing" });
    await broker.publish([messageOf("no"), wanted("low", "low"), wanted("high", "high")]);
    broker = await start();
    expect((await broker.countsOf("durable")).depth).toBe(2);
    await expect(broker.countsOf("passing")).rejects.toThrow("there is no subscription passing");
    // As a program does at each start.
    await broker.createSubscription({ ...options, name: "durable", durable: true });
    await broker.publish([wanted("critical", "critical"), messageOf("no")]);
    const recorder = new Recorder();
    await broker.subscribe("durable", recorder.deliver);
    await recorder.untilAcked(3);
    expect(textsOf(recorder)).toEqual(["critical", "high", "low"]);
    await broker.deleteSubscription("durable");
    broker = await start();
    await expect(broker.countsOf("durable")).rejects.toThrow("there is no subscription durable");
  });

  test("what cannot be is refused, and nothing is made", async () => {
    const broker = await start();
    const make = (over: object) => broker.createSubscription({ name: "added", topic: "topic", ...over });
    await expect(make({ topic: "gone" })).rejects.toThrow("names a topic that is not there: gone");
    await expect(make({ filter: "attributes.kind =" })).rejects.toThrow(FilterError);
    await expect(make({ patterns: ["a*"] })).rejects.toThrow("whole words");
    await expect(make({ patterns: [] })).rejects.toThrow("nothing would be delivered");
    await expect(make({ ordered: true, byPriority: true })).rejects.toThrow("exclude each other");
    await expect(make({ ackDeadlineSeconds: 601 })).rejects.toThrow("at most 600, got 601");
    await expect(make({ name: "a/b" })).rejects.toThrow("without spaces and slashes");
    await expect(make({ name: "sub" })).rejects.toThrow("there is a subscription sub already");
    await expect(broker.deleteSubscription("sub")).rejects.toThrow("is the topology's");
    await make({});
    await make({});
    await expect(make({ ordered: true })).rejects.toThrow("already, with other options");
  });
});
