import { PRIORITIES, type Priority } from "@contextpilot/events";
import * as fc from "fast-check";

/** What a subscription is like. */
export interface Shape {
  readonly kind: "plain" | "ordered" | "by priority";
  readonly maxOutstanding: number;
  readonly retainAcked: boolean;
  readonly deadLetters: boolean;
  readonly ttlSeconds: number | undefined;
}

/** One thing that somebody does, or that happens. */
export type Action =
  | { readonly do: "publish"; readonly keys: readonly (string | undefined)[]; readonly priority: Priority }
  /** The delivery is one of those that were not answered yet, whether it still has its lease or not. */
  | { readonly do: "answer"; readonly delivery: number; readonly answer: "ack" | "nack" }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "seek"; readonly secondsAgo: number }
  | { readonly do: "purge" | "pause" | "resume" | "restart" };

export interface Plan {
  readonly shape: Shape;
  readonly actions: readonly Action[];
}

const keys = fc.constantFrom("a", "b", undefined);
const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      keys: fc.array(keys, { minLength: 1, maxLength: 4 }),
      priority: fc.constantFrom(...PRIORITIES),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      delivery: fc.nat(5),
      answer: fc.constantFrom("ack" as const, "nack" as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 25 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("seek" as const), secondsAgo: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("purge", "pause", "resume", "resume", "restart") }) },
);

/** Some of them are such that an operator should have better not done it. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  shape: fc.record({
    kind: fc.constantFrom("plain", "ordered", "by priority"),
    maxOutstanding: fc.integer({ min: 1, max: 4 }),
    retainAcked: fc.boolean(),
    deadLetters: fc.boolean(),
    ttlSeconds: fc.constantFrom(undefined, undefined, 30),
  }),
  actions: fc.array(actions, { minLength: 1, maxLength: 40, size: "max" }),
});
