import type { Action, Plan, Shape } from "./plan.ts";

const plain: Shape = {
  kind: "plain",
  maxOutstanding: 1,
  retainAcked: false,
  deadLetters: false,
  ttlSeconds: undefined,
};
const publish = (...keys: readonly string[]): Action => ({ do: "publish", keys, priority: "low" });
const pass = (seconds: number): Action => ({ do: "pass", seconds });
const seek = (secondsAgo: number): Action => ({ do: "seek", secondsAgo });

/** Each is the shortest plan that showed a fault of the broker. */
export const ONCE_DIFFERENT: Readonly<Record<string, Plan>> = {
  "what was purged while it waited for its retry held up its key": {
    shape: { ...plain, kind: "ordered" },
    actions: [publish("b"), pass(10), { do: "purge" }, publish("b"), pass(1)],
  },
  "what grew too old while it waited for its retry held up its key": {
    shape: { ...plain, kind: "ordered", ttlSeconds: 30 },
    actions: [publish("a"), pass(27), publish("a"), pass(4)],
  },
  "what was purged in somebody's hands became a dead letter after a seek": {
    shape: { ...plain, deadLetters: true },
    actions: [publish("a"), pass(30), { do: "restart" }, { do: "purge" }, seek(30), pass(10)],
  },
  "what was left behind and sought again was still counted as failed": {
    shape: { ...plain, retainAcked: true, deadLetters: true },
    actions: [publish("a", "a", "a"), pass(20), seek(0), seek(20), pass(10)],
  },
};
