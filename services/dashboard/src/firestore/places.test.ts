import { Places, placeAt } from "./places.ts";

const NOON = "2026-03-02T12:00:00.000Z";
const LATER = "2026-03-02T12:00:00.001Z";

test("a place lies in its millisecond, and comes after the one before", () => {
  const places = new Places();
  const [one, two, three] = [places.next(NOON), places.next(NOON), places.next(LATER)];
  expect(one).toBeGreaterThanOrEqual(placeAt(NOON));
  expect(one).toBeLessThan(placeAt(LATER));
  expect(two).toBeGreaterThan(one);
  expect(three).toBeGreaterThan(two);
});

test("after a clock was set back what arrives still comes after what was there", () => {
  const places = new Places();
  const before = places.next(LATER);
  expect(places.next(NOON)).toBe(before + 1);
});

test("two processes hardly ever give out the same place", () => {
  const given = Array.from({ length: 200 }, () => new Places().next(NOON));
  expect(new Set(given).size).toBeGreaterThan(150);
});

test("places are whole numbers until 2089", () => {
  expect(Number.isSafeInteger(placeAt("2089-01-01T00:00:00.000Z"))).toBe(true);
});
