import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextUpdate, createEvent, type DataOf } from "@contextpilot/events";
import { createReceiver, MemoryStore, messageOf, type Delivery, type Store } from "@contextpilot/messaging";
import { SqliteStore } from "@contextpilot/sqlite";
import { handlers } from "@contextpilot/strategy-agent";
import { RecordingPublisher } from "@contextpilot/testing";
import { counted, type Benchmark } from "./benchmark.ts";
import { quantiles } from "./figures.ts";
import { interleave } from "./interleave.ts";

const EVENTS = 200;
const FILES = 500;

/** What one commit costs the strategy-agent once a repository has as many files and pairs as it keeps. */
export const strategyEvent: Benchmark = {
  name: "strategy-event",
  measures: "receive() of strategy-agent with SQLite, 500 files and 1,000 pairs known; a commit of 1, and of 10 files",
  run: async (effort) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-")));
    const store = SqliteStore.open({ file: join(folder.path, "strategy-agent.sqlite") });
    stack.defer(() => store.close());
    const sqlite = await fullHouse(store);
    const memory = await fullHouse(new MemoryStore());
    const handling = (handle: Handle, files: number) => async (): Promise<readonly number[]> => {
      const waits: number[] = [];
      for (let sent = 0; sent < counted(EVENTS, effort); sent += 1) {
        waits.push(await handle(range((sent * 37) % (FILES - files), files)));
      }
      return waits;
    };
    const waits = await interleave(effort, {
      one: handling(sqlite, 1),
      ten: handling(sqlite, 10),
      tenInMemory: handling(memory, 10),
    });
    return [
      { name: "a commit of one file, p50", unit: "ms", values: quantiles(waits.one, 0.5), goal: { atMost: 3 } },
      { name: "a commit of ten files, p50", unit: "ms", values: quantiles(waits.ten, 0.5), goal: { atMost: 3 } },
      { name: "a commit of ten files, p95", unit: "ms", values: quantiles(waits.ten, 0.95) },
      { name: "the same without a disk, p50", unit: "ms", values: quantiles(waits.tenInMemory, 0.5) },
    ];
  },
};

/** Milliseconds of one delivery. */
type Handle = (files: readonly number[]) => Promise<number>;

/** A strategy-agent that knows as much of a repository as it keeps. */
async function fullHouse(store: Store): Promise<Handle> {
  const publisher = new RecordingPublisher();
  const { receive } = createReceiver({ service: "strategy-agent", handlers, store, publisher });
  const handle: Handle = async (files) => {
    const delivery = deliveryOf(files);
    const beganAt = performance.now();
    const { kind } = await receive(delivery);
    if (kind !== "handled") throw new Error(`a delivery was ${kind}, not handled`);
    return performance.now() - beganAt;
  };
  // More pairs than are kept: each commit of ten brings 45.
  for (let first = 0; first < FILES; first += 10) await handle(range(first, 10));
  return handle;
}

const range = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, n) => first + n);

let messages = 0;

function deliveryOf(files: readonly number[]): Delivery {
  messages += 1;
  const event = createEvent(contextUpdate(updateOf(files)), { source: "bench", timestamp: new Date().toISOString() });
  const { data, attributes } = messageOf(event);
  const publishTime = event.timestamp;
  return { messageId: String(messages), data, attributes, publishTime, subscription: "bench", deliveryAttempt: 1 };
}

function updateOf(files: readonly number[]): DataOf<"context.update.v1"> {
  const changes = files.map((file) => ({
    path: `services/shop-${file % 20}/src/ordering/place-order-${file}.ts`,
    kind: "code" as const,
    status: "modified" as const,
    lines_added: 12,
    lines_removed: 3,
    binary: false,
    lines_total: 240,
    indentation_complexity: 410,
    functions: ["placeOrder"],
  }));
  return {
    repository: "shop",
    branch: "main",
    commit_hash: crypto.randomUUID().replaceAll("-", "").padEnd(40, "0"),
    author_id: "4f1c2b3a4d5e6f704f1c2b3a4d5e6f70",
    subject: "feat: pay by invoice",
    files_changed: changes.map(({ path }) => path),
    changes,
    files_total: changes.length,
    lines_added: 12 * changes.length,
    lines_removed: 3 * changes.length,
    impact_score: 3,
    change_type: "feat",
    breaking: false,
    is_merge: false,
    origin: "push",
  };
}
