import { FirestoreConnection, FirestoreStore } from "@contextpilot/firestore";
import { createReceiver, type HandlersOf, type Store } from "@contextpilot/messaging";
import { findEmulator, firestoreEmulator, RecordingPublisher, startEmulator } from "@contextpilot/testing";
import { counted, type Benchmark } from "./benchmark.ts";
import { deliveriesOf1KiB } from "./commits.ts";
import { countingHandlers, statelessHandlers } from "./counting-handler.ts";
import { ratios } from "./figures.ts";
import { interleave, type Contestant } from "./interleave.ts";

const EVENTS = 1_000;
/** As many at once as a Cloud Run instance is given. */
const AT_ONCE = 80;

/** A second's worth of work, and what it cost this process. */
interface Rate {
  readonly perSecond: number;
  readonly cpuMs: number;
}

/** The life of a message with its inbox in Firestore; on an emulator the emulator is the larger part of it. */
export const firestoreEvents: Benchmark = {
  name: "firestore-events",
  measures:
    "receive() with the Firestore store on Google's emulator, 1 KiB events, beside bare commits of one document",
  missing: () => {
    const found = findEmulator(firestoreEmulator);
    return "missing" in found ? found.missing : undefined;
  },
  run: async (effort) => {
    await using stack = new AsyncDisposableStack();
    const emulator = await startEmulator(firestoreEmulator);
    stack.defer(() => emulator.kill("SIGTERM"));
    const connection = new FirestoreConnection({ projectId: "bench", emulatorHost: emulator.host });
    stack.defer(() => connection.close());
    const store = new FirestoreStore(connection, { service: "context-agent" });

    const count = counted(EVENTS, effort);
    const rates = await interleave<"bare" | "stateless" | "stateful", Rate>(effort, {
      bare: rateOf(count, () => bareCommits(store, count)),
      stateless: () => receiving(store, statelessHandlers, count),
      stateful: () => receiving(store, countingHandlers, count),
    });
    const perSecond = (contestant: keyof typeof rates) => rates[contestant].map((rate) => rate.perSecond);
    const cpuMs = (contestant: keyof typeof rates) => rates[contestant].map((rate) => rate.cpuMs);
    return [
      { name: "decide without state (1 RPC)", unit: "/s", values: perSecond("stateless") },
      { name: "decide with state (2 RPCs)", unit: "/s", values: perSecond("stateful") },
      { name: "bare commits", unit: "/s", values: perSecond("bare") },
      { name: "without state, of bare commits", unit: "x", values: ratios(perSecond("stateless"), perSecond("bare")) },
      { name: "our processor time, without state", unit: "ms", values: cpuMs("stateless"), goal: { atMost: 1 } },
      { name: "our processor time, with state", unit: "ms", values: cpuMs("stateful"), goal: { atMost: 1 } },
    ];
  },
};

/** How many a second, and the processor time of this process for each. */
function rateOf(count: number, work: () => Promise<void>): Contestant<Rate> {
  return async () => {
    const startedAt = performance.now();
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return { perSecond: count / ((performance.now() - startedAt) / 1_000), cpuMs: (user + system) / 1_000 / count };
  };
}

function receiving(store: Store, handlers: HandlersOf<"context-agent">, count: number): Rate | Promise<Rate> {
  const { receive } = createReceiver({
    service: "context-agent",
    handlers,
    store,
    publisher: new RecordingPublisher(),
  });
  const deliveries = deliveriesOf1KiB(count);
  return rateOf(count, () =>
    atOnce(count, async (index) => {
      const delivery = deliveries[index];
      const outcome = delivery && (await receive(delivery));
      if (outcome?.kind !== "handled") throw new Error(`a delivery was ${outcome?.kind}`, { cause: outcome });
    }),
  )();
}

const bareCommits = (store: Store, count: number): Promise<void> =>
  atOnce(count, () => store.commit({ create: { key: crypto.randomUUID(), value: "x".repeat(400) }, documents: [] }));

/** Does so many, always `AT_ONCE` of them side by side. */
async function atOnce(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
