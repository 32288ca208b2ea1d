import * as fc from "fast-check";
import { HALF_LIFE_MS, counted, heaviest, weightAt, type DecayedCount } from "./decay.ts";

const DAY = 86_400_000;
const time = fc.integer({ min: 0, max: 20_000 * DAY });
const countOf = (times: readonly number[]): DecayedCount | undefined =>
  times.reduce<DecayedCount | undefined>((count, at) => counted(count, at), undefined);

test("an entry weighs half after 30 days, and a quarter after 60", () => {
  const one = counted(undefined, 0);
  expect(weightAt(one, 30 * DAY)).toBe(0.5);
  expect(weightAt(one, 60 * DAY)).toBe(0.25);
  expect(weightAt(counted(one, 30 * DAY), 30 * DAY)).toBe(1.5);
  expect(weightAt({ weight: 1, at: 30 * DAY }, 0)).toBe(1);
});

test("the order in which entries come does not matter", () => {
  const shuffled = fc
    .array(time, { minLength: 1, maxLength: 30 })
    .chain((times) => fc.tuple(fc.constant(times), fc.shuffledSubarray(times, { minLength: times.length })));
  fc.assert(
    fc.property(shuffled, ([times, others]) => {
      const [one, other] = [countOf(times), countOf(others)];
      if (one === undefined || other === undefined) throw new Error("no entries");
      expect(other.at).toBe(one.at);
      expect(other.weight).toBeCloseTo(one.weight, 9);
    }),
  );
});

test("an entry more never weighs less, and nothing weighs more later", () => {
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 30 }), time, fc.nat(400), (times, more, days) => {
      const before = countOf(times);
      if (before === undefined) throw new Error("no entries");
      const after = counted(before, more);
      const now = after.at + days * DAY;
      expect(weightAt(after, now)).toBeGreaterThanOrEqual(weightAt(before, now));
      expect(weightAt(after, now + HALF_LIFE_MS)).toBeLessThanOrEqual(weightAt(after, now));
      expect(weightAt(after, now)).toBeLessThanOrEqual(times.length + 1);
    }),
  );
});

test("the heaviest stay, in their order: a recent entry outweighs three old ones, of equals the later one stays", () => {
  const old = { name: "old", weight: 3, at: 0 };
  const recent = { name: "recent", weight: 1, at: 60 * DAY };
  const equal = { name: "equal", weight: 1, at: 60 * DAY };
  const names = (limit: number) => heaviest([old, recent, equal], limit).map(({ name }) => name);
  expect(names(3)).toEqual(["old", "recent", "equal"]);
  expect(names(2)).toEqual(["recent", "equal"]);
  expect(names(1)).toEqual(["equal"]);
});
