import { EventEmitter } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Broker, MemoryLog } from "@contextpilot/broker";
import {
  createReceiver,
  MemoryStore,
  type Delivery,
  type Handler,
  type OutgoingMessage,
} from "@contextpilot/messaging";
import { RecordingPublisher } from "@contextpilot/testing";
import * as z from "zod";
import { counted, type Benchmark } from "./benchmark.ts";
import { deliveriesOf1KiB } from "./commits.ts";
import { countingHandlers, statelessHandlers } from "./counting-handler.ts";
import { quantiles, ratios } from "./figures.ts";
import { interleave, perSecond, type Contestant } from "./interleave.ts";
import { smallDeliveries, smallHandlers } from "./small-events.ts";

const MESSAGES = 200_000;
const BATCH = 100;
const EVENTS = 20_000;
const LATENCIES = 200;

/** The bus without a network or a disk, and the life of a message without a bus. */
export const inProcess: Benchmark = {
  name: "in-process",
  measures:
    "publish to handler over the memory log, 16-byte messages; receive() with the memory store, events of 270 bytes and of 1 KiB",
  run: async (effort) => {
    await using stack = new AsyncDisposableStack();
    const broker = new Broker({ topology, log: new MemoryLog() });
    stack.defer(() => broker.close());
    let heard: (() => void) | undefined;
    await broker.subscribe("sub", () => {
      heard?.();
      return Promise.resolve("ack");
    });

    const count = counted(MESSAGES, effort);
    /** Publishes in lists of so many without waiting for the handler, and ends when all were handled. */
    const publishInListsOf = (size: number): Contestant<number> =>
      perSecond(Math.ceil(count / size) * size, async () => {
        const { promise: done, resolve } = Promise.withResolvers<void>();
        let missing = Math.ceil(count / size) * size;
        heard = () => {
          missing -= 1;
          if (missing === 0) resolve();
        };
        for (let sent = 0; sent < count; sent += size) await broker.publish(messagesOf16Bytes(size));
        await done;
      });
    const emitter = new EventEmitter();
    let emitted = 0;
    emitter.on("message", () => (emitted += 1));

    const events = counted(EVENTS, effort);
    const rates = await interleave(effort, {
      emitter: perSecond(count, () => {
        for (let sent = 0; sent < count; sent += 1) emitter.emit("message", messagesOf16Bytes(1));
      }),
      single: publishInListsOf(1),
      batch: publishInListsOf(BATCH),
      bare: () => bareHandling(deliveriesOf1KiB(events)),
      small: () => receiving(smallHandlers, smallDeliveries(events)),
      stateless: () => receiving(Object.values(statelessHandlers), deliveriesOf1KiB(events)),
      stateful: () => receiving(Object.values(countingHandlers), deliveriesOf1KiB(events)),
    });

    const { waits } = await interleave(effort, {
      waits: async () => {
        const measured: number[] = [];
        for (let sent = 0; sent < counted(LATENCIES, effort); sent += 1) {
          await pause(Math.random() * 4);
          const { promise: arrival, resolve } = Promise.withResolvers<number>();
          heard = () => resolve(performance.now());
          const beganAt = performance.now();
          await broker.publish(messagesOf16Bytes(1));
          measured.push((await arrival) - beganAt);
        }
        return measured;
      },
    });
    return [
      { name: "publish to handler, one by one", unit: "/s", values: rates.single, goal: { atLeast: 300_000 } },
      { name: "publish to handler, lists of 100", unit: "/s", values: rates.batch, goal: { atLeast: 300_000 } },
      { name: "lists of 100, of an EventEmitter", unit: "x", values: ratios(rates.batch, rates.emitter) },
      {
        name: "publish to handler at random times, p50",
        unit: "ms",
        values: quantiles(waits, 0.5),
        goal: { atMost: 1 },
      },
      {
        name: "publish to handler at random times, p95",
        unit: "ms",
        values: quantiles(waits, 0.95),
        goal: { atMost: 1 },
      },
      { name: "receive(), 270 bytes, without state", unit: "/s", values: rates.small, goal: { atLeast: 100_000 } },
      { name: "receive(), 1 KiB, without state", unit: "/s", values: rates.stateless, goal: { atLeast: 100_000 } },
      { name: "receive(), 1 KiB, with state", unit: "/s", values: rates.stateful, goal: { atLeast: 100_000 } },
      { name: "without state, of JSON + zod + Map", unit: "x", values: ratios(rates.stateless, rates.bare) },
      { name: "JSON + zod + Map", unit: "/s", values: rates.bare },
    ];
  },
};

const topology = {
  topics: [{ name: "topic" }],
  subscriptions: [
    {
      name: "sub",
      topic: "topic",
      ordered: false,
      ackDeadlineSeconds: 60,
      retry: { minimumSeconds: 10, maximumSeconds: 600 },
    },
  ],
};

function messagesOf16Bytes(count: number): readonly OutgoingMessage[] {
  return Array.from({ length: count }, () => ({ topic: "topic", data: new Uint8Array(16), attributes: {} }));
}

/** As many at once as a subscription has outstanding. */
const AT_ONCE = 100;

/** Events a second through receive(), each a new one, in a store of its own. */
async function receiving(handlers: readonly Handler[], deliveries: readonly Delivery[]): Promise<number> {
  const { receive } = createReceiver({
    service: "bench",
    handlers,
    store: new MemoryStore(),
    publisher: new RecordingPublisher(),
  });
  return perSecond(deliveries.length, async () => {
    for (let first = 0; first < deliveries.length; first += AT_ONCE) {
      const outcomes = await Promise.all(deliveries.slice(first, first + AT_ONCE).map(receive));
      const other = outcomes.find(({ kind }) => kind !== "handled");
      if (other !== undefined) throw new Error(`a delivery was ${other.kind}, not handled`, { cause: other });
    }
  })();
}

const someEnvelope = z.looseObject({
  event_id: z.string().min(1).max(128),
  event_type: z.string(),
  timestamp: z.iso.datetime(),
  source: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** What a program without this house would do at least: parse, check, and remember by id. */
function bareHandling(deliveries: readonly Delivery[]): number | Promise<number> {
  const seen = new Map<string, unknown>();
  return perSecond(deliveries.length, () => {
    for (const { data } of deliveries) {
      const event = someEnvelope.parse(JSON.parse(Buffer.from(data).toString()));
      seen.set(event.event_id, event);
    }
  })();
}
