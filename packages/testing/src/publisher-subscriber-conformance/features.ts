import { setImmediate as nextTurn } from "node:timers/promises";
import type { Delivery } from "@contextpilot/messaging";
import type { Bus, MissingBusFeatures } from "../publisher-subscriber-conformance.ts";
import { fact, step, textOf, textsOf } from "./messages.ts";
import { randomOf } from "./random.ts";
import { Recorder } from "../recorder.ts";
import { until } from "../until.ts";

const passing = (text: string) => ({ ...fact(text), persistent: false });

/** What a bus may lack; what it cannot have is not tested on it. */
export function features(bus: () => Bus, reopen: () => Promise<void>, missing: MissingBusFeatures): void {
  const testOf = (feature: keyof MissingBusFeatures, name: string, run: () => Promise<void>) => {
    if (missing[feature] === undefined) test(name, run);
  };

  testOf("filters", "only what passes a subscription's filter is delivered", async () => {
    const recorder = new Recorder();
    await bus().subscriber.subscribe("wanted-from-facts", recorder.deliver);
    const kinds = ["unwanted", "wanted", undefined, "wanted"];
    await bus().publisher.publish(kinds.map((kind, n) => fact(String(n), kind === undefined ? {} : { kind })));
    await bus().publisher.publish([fact("last", { kind: "wanted" })]);
    expect(textsOf(await recorder.untilDelivered(3)).sort()).toEqual(["1", "3", "last"]);
  });

  testOf("patterns", "what matches one of a subscription's patterns, or several, is delivered once", async () => {
    const recorder = new Recorder();
    await bus().subscriber.subscribe("matching-from-facts", recorder.deliver);
    const keys = ["agent.started.high", "task.started.high", undefined, "task.started.low", "task"];
    const messages = keys.map((routingKey, n) => ({ ...fact(String(n)), ...(routingKey && { routingKey }) }));
    await bus().publisher.publish([...messages, { ...fact("last"), routingKey: "task.last.high" }]);
    expect(textsOf(await recorder.untilDelivered(4)).sort()).toEqual(["1", "3", "4", "last"]);
  });

  testOf("priorities", "a backlog is delivered by priority where the subscription asks for it", async () => {
    const priorities = ["low", undefined, "high", "critical", "normal", "high"];
    const messages = priorities.map((priority, n) =>
      fact(`${n} ${priority}`, priority === undefined ? {} : { priority }),
    );
    await bus().publisher.publish(messages);
    const recorder = new Recorder();
    await bus().subscriber.subscribe("urgent-from-facts", recorder.deliver);
    const expected = ["3 critical", "2 high", "5 high", "1 undefined", "4 normal", "0 low"];
    expect(textsOf(await recorder.untilDelivered(6))).toEqual(expected);
  });

  testOf("messageTtl", "what is older than the messages' time to live is not delivered", async () => {
    await bus().publisher.publish([fact("stale")]);
    const publishedAt = performance.now();
    await until(() => performance.now() - publishedAt > 60, "the time to live");
    const [fresh, all] = [new Recorder(), new Recorder()];
    await bus().subscriber.subscribe("fresh-from-facts", fresh.deliver);
    await bus().subscriber.subscribe("first-from-facts", all.deliver);
    await bus().publisher.publish([fact("fresh")]);
    expect(textsOf(await fresh.untilDelivered(1))).toEqual(["fresh"]);
    expect(textsOf(await all.untilDelivered(2))).toEqual(["stale", "fresh"]);
  });

  testOf("deliveryAttempt", "deliveries are counted from 1 where there is a dead-letter policy", async () => {
    const counted = new Recorder((_, timesSeen) => (timesSeen < 3 ? "nack" : "ack"));
    const uncounted = new Recorder();
    await bus().subscriber.subscribe("counted-from-facts", counted.deliver);
    await bus().subscriber.subscribe("first-from-facts", uncounted.deliver);
    await bus().publisher.publish([fact("counted")]);
    await counted.untilAcked(1);
    expect(counted.deliveries.map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1, 2, 3]);
    expect((await uncounted.untilAcked(1))[0]).not.toHaveProperty("deliveryAttempt");
  });

  testOf(
    "ordering",
    "a key's messages come one at a time and in order, whatever fails and whoever shares them",
    async () => {
      const seed = Date.now() % 1_000_000;
      const random = randomOf(seed);
      const [keys, steps] = [["a", "b", "c", "d"], 25];
      const outstanding = new Set<string>();
      const together: string[] = [];
      const recorder = new Recorder(async ({ orderingKey = "" }) => {
        if (outstanding.has(orderingKey)) together.push(orderingKey);
        outstanding.add(orderingKey);
        for (let turns = random() * 4; turns > 0; turns--) await nextTurn();
        outstanding.delete(orderingKey);
        return random() < 0.2 ? "nack" : "ack";
      });
      await bus().subscriber.subscribe("ordered-from-steps", recorder.deliver);
      await bus().subscriber.subscribe("ordered-from-steps", recorder.deliver);
      // Calls run together; the order is that of the calls, and of the list within each.
      const calls = Array.from({ length: steps }, (_, n) => bus().publisher.publish(keys.map((key) => step(key, n))));
      await Promise.all(calls);
      const acked = await recorder.untilAcked(keys.length * steps);
      const orders = keys.map((key) => firstOf(textsOf(acked.filter(({ orderingKey }) => orderingKey === key))));
      const expected = keys.map((key) => Array.from({ length: steps }, (_, n) => `${key} ${n}`));
      expect({ seed, orders, together }).toEqual({ seed, orders: expected, together: [] });
    },
  );

  testOf("ordering", "a failing message holds up its key and no other", async () => {
    let failing = true;
    const recorder = new Recorder((delivery) => (failing && textOf(delivery) === "blocked 0" ? "nack" : "ack"));
    await bus().subscriber.subscribe("ordered-from-steps", recorder.deliver);
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    await bus().publisher.publish(numbers.flatMap((n) => [step("blocked", n), step("free", n)]));
    const free = await recorder.untilAcked(10);
    expect(textsOf(free)).toEqual(numbers.map((n) => `free ${n}`));
    failing = false;
    const all = await recorder.untilAcked(20);
    expect(textsOf(all.slice(10))).toEqual(numbers.map((n) => `blocked ${n}`));
  });

  testOf("durable", "what was accepted is delivered after opening again, in order and with its ids", async () => {
    const silent = new Recorder(() => new Promise(() => {}));
    await bus().subscriber.subscribe("ordered-from-steps", silent.deliver);
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const ids = await bus().publisher.publish(numbers.map((n) => step("key", n)));
    await silent.untilDelivered(1);
    await reopen();
    const recorder = new Recorder();
    await bus().subscriber.subscribe("ordered-from-steps", recorder.deliver);
    const deliveries = await recorder.untilAcked(20);
    expect(deliveries.map(({ messageId }: Delivery) => messageId)).toEqual(ids);
    expect(textsOf(deliveries)).toEqual(numbers.map((n) => `key ${n}`));
  });

  testOf(
    "durable",
    "what is not persistent is delivered like any other, and may be lost by opening again",
    async () => {
      const before = new Recorder();
      const subscription = await bus().subscriber.subscribe("first-from-facts", before.deliver);
      await bus().publisher.publish([fact("1"), passing("2"), fact("3"), passing("4")]);
      expect(textsOf(await before.untilAcked(4))).toEqual(["1", "2", "3", "4"]);
      await subscription.stop();
      await bus().publisher.publish([passing("lost"), fact("kept")]);
      await reopen();
      const after = new Recorder();
      await bus().subscriber.subscribe("first-from-facts", after.deliver);
      await bus().publisher.publish([fact("last")]);
      // Acks of a moment before may be lost with the process; messages that were acked may come again.
      await until(
        () => textsOf(after.acked).includes("last"),
        () => `the last message, there were ${textsOf(after.deliveries).join()}`,
      );
      expect(textsOf(after.acked)).toContain("kept");
      expect(textsOf(after.deliveries)).not.toContain("lost");
    },
  );

  testOf("durable", "opening again repeats no message id", async () => {
    const before = await bus().publisher.publish([fact("before")]);
    await reopen();
    const after = await bus().publisher.publish([fact("after")]);
    expect(after).not.toEqual(before);
  });
}

/** Each text where it came first: a redelivery may bring again what was acked. */
const firstOf = (texts: readonly string[]): string[] => [...new Set(texts)];
