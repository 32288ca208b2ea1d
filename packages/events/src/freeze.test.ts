import { deepFreeze } from "./freeze.ts";

const objectsIn = (value: unknown): readonly object[] =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : [];

test("every object and list in a value is frozen, and the value is given back", () => {
  const value = { a: [{ b: {} }, [], null, 1], c: { d: "text" } };
  expect(deepFreeze(value)).toBe(value);
  expect(objectsIn(value).filter((each) => !Object.isFrozen(each))).toEqual([]);
});

test("what was frozen at its surface alone is frozen below it", () => {
  const value = Object.freeze({ a: Object.freeze([{ b: 1 }]) });
  deepFreeze(value);
  expect(Object.isFrozen(value.a[0])).toBe(true);
});

test.each([undefined, null, 0, "", true])("%p is given back as it is", (value) => {
  expect(deepFreeze(value)).toBe(value);
});
