import { KeyLanes } from "./key-lanes.ts";

/** `a1` is the first of key a, `-1` has no key. */
const lanesWith = (...messages: readonly string[]) => {
  const lanes = new KeyLanes<string>((message) => (message.startsWith("-") ? undefined : message[0]));
  for (const message of messages) lanes.add(message);
  return lanes;
};

const ready = (lanes: KeyLanes<string>): readonly string[] => {
  const all: string[] = [];
  for (let next = lanes.next(); next !== undefined; next = lanes.next()) all.push(next);
  return all;
};

test("one of a key is ready at a time, and all that have none", () => {
  const lanes = lanesWith("a1", "-1", "a2", "b1", "-2");
  expect(ready(lanes)).toEqual(["a1", "-1", "b1", "-2"]);
  lanes.done("a1");
  expect(ready(lanes)).toEqual(["a2"]);
  lanes.done("a2");
  lanes.add("a3");
  expect(ready(lanes)).toEqual(["a3"]);
});

test("one that failed takes along what stood behind it, and nothing of other keys", () => {
  const lanes = lanesWith("a1", "a2", "a3", "b1", "b2");
  ready(lanes);
  expect(lanes.failed("a1")).toEqual(["a2", "a3"]);
  expect(ready(lanes)).toEqual([]);
  lanes.done("b1");
  lanes.add("a1");
  expect(ready(lanes)).toEqual(["b2", "a1"]);
});

test("at the end all that has not begun is taken out", () => {
  const lanes = lanesWith("a1", "a2", "-1");
  expect(lanes.next()).toBe("a1");
  expect(lanes.empty()).toEqual(["-1", "a2"]);
  lanes.done("a1");
  expect(ready(lanes)).toEqual([]);
});
