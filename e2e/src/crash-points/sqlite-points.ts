import type { CrashPoint } from "./crash-point.ts";

const GROUP = "drivers/sqlite/src/group-commit.ts";
const BROKER = "broker/src/broker.ts";
const QUEUE = "broker/src/subscription-queue.ts";
const SETTLING = "broker/src/sqlite-log/settling.ts";

/** Where our broker, its log and the SQLite store keep something. */
export const SQLITE_POINTS: readonly CrashPoint[] = [
  {
    name: "before the transaction is on disk",
    step: "store",
    file: GROUP,
    at: { before: "this.#commit.run();" },
    passes: [1, 3, 6, 12],
  },
  {
    name: "after the transaction is on disk",
    step: "store",
    file: GROUP,
    at: { after: "this.#commit.run();" },
    passes: [1, 3, 6, 12],
  },
  {
    name: "before the log takes messages",
    step: "broker",
    file: BROKER,
    at: { before: "sequences = await this.#log.append(taken);" },
    passes: [1, 2],
  },
  {
    name: "after the log took messages",
    step: "broker",
    file: BROKER,
    at: { before: "this.#wake(taken);\n    return sequences.map(String);" },
    passes: [1, 2],
  },
  {
    name: "before the bus heeds the answer",
    step: "10 answer",
    file: QUEUE,
    at: { before: "this.#log.ack(message);" },
  },
  {
    name: "before acks are written",
    step: "broker",
    file: SETTLING,
    at: { before: "await this.#write(settlements);" },
  },
  { name: "after acks were written", step: "broker", file: SETTLING, at: { after: "await this.#write(settlements);" } },
];
