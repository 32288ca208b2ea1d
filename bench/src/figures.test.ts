import { median, quantile, ratios, verdictOf } from "./figures.ts";

test("a quantile is the value below which its share of the values lies", () => {
  const values = [5, 1, 4, 2, 3];
  expect(median(values)).toBe(3);
  expect(quantile(values, 0.95)).toBe(5);
  expect(quantile(values, 0)).toBe(1);
  expect(quantile(values, 1)).toBe(5);
  expect(median([])).toBeNaN();
});

test("ratios compare what was measured in the same round", () => {
  expect(ratios([10, 30], [20, 40])).toEqual([0.5, 0.75]);
});

test.each([
  [0.34, "below the goal"],
  [0.35, "goal reached"],
  [0.5, "aim reached"],
  [Number.NaN, "below the goal"],
])("%d of at least 0.35, aim 0.5: %s", (value, verdict) => {
  expect(verdictOf(value, { atLeast: 0.35, aim: 0.5 })).toBe(verdict);
});

test.each([
  [3.01, "below the goal"],
  [3, "goal reached"],
])("%d of at most 3: %s", (value, verdict) => {
  expect(verdictOf(value, { atMost: 3 })).toBe(verdict);
});
