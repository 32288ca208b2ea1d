import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Broker, SqliteLog } from "@contextpilot/broker";
import type { OutgoingMessage } from "@contextpilot/messaging";
import { openDatabase } from "@contextpilot/sqlite";
import { counted, type Benchmark } from "./benchmark.ts";
import { ratios } from "./figures.ts";
import { interleave, perSecond, type Contestant } from "./interleave.ts";

const SINGLE = 2_000;
const BATCHES = 100;
const BATCH = 100;
/** How often the delay is looked at; it is no delay. */
const LOOK_MS = 1;

/** The broker's log on disk, and for how long its flushes keep the event loop from others. */
export const brokerPublish: Benchmark = {
  name: "broker-publish",
  measures: "one publisher that awaits each publish, 1 KiB messages, one subscription, synchronous=FULL",
  run: async (effort) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-")));
    const broker = new Broker({ topology, log: SqliteLog.open({ file: join(folder.path, "broker.sqlite") }) });
    stack.defer(() => broker.close());
    const database = openDatabase({ file: join(folder.path, "bare.sqlite"), migrations: [BARE_TABLE] });
    stack.defer(() => database.close());
    const insert = database.prepare("INSERT INTO messages (attributes, data) VALUES (?, ?)");
    const insertAll = (messages: readonly OutgoingMessage[]): void => {
      database.exec("BEGIN IMMEDIATE");
      for (const { attributes, data } of messages) insert.run(JSON.stringify(attributes), data);
      database.exec("COMMIT");
    };

    const single = counted(SINGLE, effort);
    const batches = counted(BATCHES, effort);
    const delays = { single: delayMeter(), batch: delayMeter() };
    const rates = await interleave(effort, {
      bareSingle: perSecond(single, () => {
        for (let sent = 0; sent < single; sent += 1) insertAll(messages(1));
      }),
      single: delays.single.during(
        perSecond(single, async () => {
          for (let sent = 0; sent < single; sent += 1) await broker.publish(messages(1));
        }),
      ),
      bareBatch: perSecond(batches * BATCH, () => {
        for (let sent = 0; sent < batches; sent += 1) insertAll(messages(BATCH));
      }),
      batch: delays.batch.during(
        perSecond(batches * BATCH, async () => {
          for (let sent = 0; sent < batches; sent += 1) await broker.publish(messages(BATCH));
        }),
      ),
    });
    return [
      { name: "one by one", unit: "/s", values: rates.single, goal: { atLeast: 3_000 } },
      { name: "one by one, of a bare INSERT", unit: "x", values: ratios(rates.single, rates.bareSingle) },
      { name: "batches of 100, messages", unit: "/s", values: rates.batch, goal: { atLeast: 50_000 } },
      { name: "batches of 100, of bare INSERTs", unit: "x", values: ratios(rates.batch, rates.bareBatch) },
      ...delays.single.figures("event loop delay, one by one", effort.rounds),
      ...delays.batch.figures("event loop delay, batches of 100", effort.rounds),
    ];
  },
};

const BARE_TABLE =
  "CREATE TABLE messages (id INTEGER PRIMARY KEY, attributes TEXT NOT NULL, data BLOB NOT NULL) STRICT";

const topology = {
  topics: [{ name: "git-events" }],
  subscriptions: [
    {
      name: "context-from-git",
      topic: "git-events",
      ordered: false,
      ackDeadlineSeconds: 60,
      retry: { minimumSeconds: 10, maximumSeconds: 600 },
    },
  ],
};

/** The attributes of an event, about as long as they are. */
const attributes = {
  event_type: "git.commit.v1",
  source: "git-agent",
  event_id: "0f7c9f3a-5d0b-4d56-9a41-0c7a4f3f2b8e",
  tenant_id: "default",
  correlation_id: "6e9c1f3a-5d0b-4d56-9a41-0c7a4f3f2b8e",
  idempotency_key: "git.commit.v1:default:0f7c9f3a-5d0b-4d56-9a41-0c7a4f3f2b8e",
  priority: "normal",
  hops: "1",
};

function messages(count: number): readonly OutgoingMessage[] {
  return Array.from({ length: count }, () => ({ topic: "git-events", data: new Uint8Array(1024), attributes }));
}

/** Looks at the event loop while contestants run, each time anew. */
function delayMeter() {
  const rounds: { readonly p99: number; readonly max: number }[] = [];
  return {
    during:
      (run: Contestant<number>): Contestant<number> =>
      async () => {
        const histogram = monitorEventLoopDelay({ resolution: LOOK_MS });
        histogram.enable();
        const value = await run();
        histogram.disable();
        rounds.push({ p99: delayMs(histogram.percentile(99)), max: delayMs(histogram.max) });
        return value;
      },
    figures: (name: string, counting: number) => {
      const counted = rounds.slice(-counting);
      return [
        { name: `${name}, p99`, unit: "ms", values: counted.map(({ p99 }) => p99) },
        { name: `${name}, longest`, unit: "ms", values: counted.map(({ max }) => max) },
      ] as const;
    },
  };
}

const delayMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOK_MS);
