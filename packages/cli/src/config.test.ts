import { houseConfig } from "./config.ts";

test.each([
  [undefined, true],
  ["", true],
  ["true", true],
  ["1", true],
  ["false", false],
  ["FALSE", false],
  ["0", false],
])("ENABLE_EVENT_REPLAY=%s: %s", (value, replayEnabled) => {
  expect(houseConfig({ ENABLE_EVENT_REPLAY: value })).toEqual({ replayEnabled });
});

test("what is neither is no permission", () => {
  expect(() => houseConfig({ ENABLE_EVENT_REPLAY: "no" })).toThrow(
    "ENABLE_EVENT_REPLAY is wrong: set it to true or false",
  );
});
