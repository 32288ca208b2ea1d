import type { OutgoingMessage } from "@contextpilot/messaging";
import { PubsubPublisher, connect } from "@contextpilot/pubsub";
import { findEmulator, pubsubEmulator, startEmulator } from "@contextpilot/testing";
import { counted, type Benchmark } from "./benchmark.ts";
import { quantiles, ratios } from "./figures.ts";
import { interleave, perSecond } from "./interleave.ts";

const MESSAGES = 5_000;
const LIST = 100;
const SINGLE = 100;

/** What our publisher costs beside Google's client, which it uses; neither has its defaults changed. */
export const pubsubPublisher: Benchmark = {
  name: "pubsub-publisher",
  measures: "1 KiB messages to Google's emulator, which takes its part of the two cores; ours in lists of 100",
  missing: () => {
    const found = findEmulator(pubsubEmulator);
    return "missing" in found ? found.missing : undefined;
  },
  run: async (effort) => {
    await using stack = new AsyncDisposableStack();
    const emulator = await startEmulator(pubsubEmulator);
    stack.defer(() => emulator.kill("SIGTERM"));
    const projectId = "bench";
    const raw = await connect({ projectId, emulatorHost: emulator.host });
    stack.defer(() => raw.close());
    // Without a subscription the emulator keeps nothing.
    const [topic] = await raw.createTopic("git-events");
    const ordered = raw.topic("git-events", { messageOrdering: true });
    const ours = new PubsubPublisher({ projectId, emulatorHost: emulator.host });
    stack.defer(() => ours.close());

    const count = counted(MESSAGES / LIST, effort) * LIST;
    const lists = (orderingKey?: string) =>
      Array.from({ length: count / LIST }, () => Array.from({ length: LIST }, () => message(orderingKey)));
    const rates = await interleave(effort, {
      raw: perSecond(count, () =>
        Promise.all(
          lists()
            .flat()
            .map((each) => topic.publishMessage(each)),
        ),
      ),
      ours: perSecond(count, () => Promise.all(lists().map((list) => ours.publish(list)))),
      rawOrdered: perSecond(count, () =>
        Promise.all(
          lists("key")
            .flat()
            .map((each) => ordered.publishMessage(each)),
        ),
      ),
      oursOrdered: perSecond(count, () => Promise.all(lists("key").map((list) => ours.publish(list)))),
    });
    const single = counted(SINGLE, effort);
    const times = await interleave<"raw" | "ours", readonly number[]>(effort, {
      raw: () => eachTimed(single, () => topic.publishMessage(message())),
      ours: () => eachTimed(single, () => ours.publish([message()])),
    });
    return [
      { name: "messages", unit: "/s", values: rates.ours },
      {
        name: "messages, of the client's own batches",
        unit: "x",
        values: ratios(rates.ours, rates.raw),
        goal: { atLeast: 0.8 },
      },
      { name: "messages of one ordering key", unit: "/s", values: rates.oursOrdered },
      {
        name: "messages of one ordering key, of the client's own",
        unit: "x",
        values: ratios(rates.oursOrdered, rates.rawOrdered),
        goal: { atLeast: 0.8 },
      },
      { name: "one by one, p50", unit: "ms", values: quantiles(times.ours, 0.5) },
      { name: "one by one, the client's own, p50", unit: "ms", values: quantiles(times.raw, 0.5) },
    ];
  },
};

async function eachTimed(count: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}

/** The attributes of an event, about as many as they are. */
const attributes = {
  event_type: "git.commit.v1",
  source: "git-agent",
  tenant_id: "default",
  priority: "normal",
  hops: "1",
};

const message = (orderingKey?: string) =>
  ({
    topic: "git-events",
    data: Buffer.alloc(1024, "{}"),
    attributes,
    ...(orderingKey === undefined ? {} : { orderingKey }),
  }) satisfies OutgoingMessage;
