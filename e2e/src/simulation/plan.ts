import { array, constant, constantFrom, integer, nat, oneof, record, type Arbitrary } from "fast-check";

/** What can go wrong, by where it does. */
export const FAULTS = {
  /** A push request on its way to an instance. */
  delivery: ["lost", "answer-lost", "twice", "late", "refused", "crash", "freeze"],
  /** A read of the store. */
  read: ["fails", "slow", "crash", "freeze"],
  /** A commit: before or after the store has it, the answer is lost, or its process. */
  commit: ["fails", "answer-lost", "slow", "crash", "crash-after", "freeze"],
  /** A publish, likewise; `half`: of a list only the first messages are taken. */
  publish: ["fails", "half", "answer-lost", "slow", "crash", "crash-after"],
  /** An await of the broker's log, at which its process dies; `crash-after`: an append is on disk then, and nobody knows. */
  log: ["crash", "crash-after"],
} as const;
export type Place = keyof typeof FAULTS;
export type FaultKind = { readonly [P in Place]: (typeof FAULTS)[P][number] };

export type Fault = {
  readonly [P in Place]: { readonly place: P; readonly nth: number; readonly kind: FaultKind[P] };
}[Place];

/** For so long, from so long after the beginning, nothing gets through to the store or the bus. */
export interface Outage {
  readonly of: "store" | "bus";
  readonly fromMinute: number;
  readonly minutes: number;
}

/** Everything that a run does, and that may happen to it. The same plan, the same run. */
export interface Plan {
  /** Of delays, and of which instance takes what. */
  readonly seed: number;
  readonly commits: number;
  /** Of every agent. */
  readonly instances: number;
  /** How far the clocks of the instances may be apart, in seconds. */
  readonly skewSeconds: number;
  readonly outages: readonly Outage[];
  /** Minutes after the beginning at which the bus is restarted from its log. */
  readonly restarts: readonly number[];
  readonly faults: readonly Fault[];
  /** Those of the broker. */
  readonly busFaults: readonly Fault[];
}

/** One plan of forty is long, of 200 to 350 events: a short one finds as much, sooner. */
const commits = oneof(
  { arbitrary: integer({ min: 1, max: 16 }), weight: 39 },
  { arbitrary: integer({ min: 40, max: 60 }), weight: 1 },
);

/** Most of them early enough for a short plan. */
const faultAt = (place: Place, most = 250): Arbitrary<Fault> =>
  record({
    place: constant(place),
    nth: oneof({ arbitrary: nat(most), weight: 4 }, { arbitrary: nat(8 * most), weight: 1 }),
    kind: constantFrom(...FAULTS[place]),
  }) as Arbitrary<Fault>;

export const plans: Arbitrary<Plan> = record({
  seed: nat(),
  commits,
  instances: integer({ min: 2, max: 4 }),
  skewSeconds: constantFrom(0, 5),
  outages: array(record({ of: constantFrom("store", "bus"), fromMinute: nat(5), minutes: constantFrom(1, 10) }), {
    maxLength: 1,
  }),
  restarts: array(nat(10), { maxLength: 2 }),
  faults: array(oneof(faultAt("delivery"), faultAt("read"), faultAt("commit"), faultAt("publish")), {
    maxLength: 50,
  }),
  busFaults: array(faultAt("log", 1_000), { maxLength: 3 }),
});
