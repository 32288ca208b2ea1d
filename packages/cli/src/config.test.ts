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
  expect(houseConfig({ ENABLE_EVENT_REPLAY: value })).toMatchObject({ replayEnabled });
});

test("what is neither is no permission", () => {
  expect(() => houseConfig({ ENABLE_EVENT_REPLAY: "no" })).toThrow(
    "ENABLE_EVENT_REPLAY is wrong: set it to true or false",
  );
});

test("the handlers that are enabled are named by family or version; of none named all are", () => {
  expect(houseConfig({}).enabledFamilies).toBeUndefined();
  expect(houseConfig({ ENABLED_EVENT_HANDLERS: "git.push.v1, git.commit" }).enabledFamilies).toEqual(
    new Set(["git.push", "git.commit"]),
  );
});

test.each(["git.push,git.comit", "coach.nudge", ","])("ENABLED_EVENT_HANDLERS=%s: says which there are", (value) => {
  expect(() => houseConfig({ ENABLED_EVENT_HANDLERS: value })).toThrow(
    /^ENABLED_EVENT_HANDLERS is wrong: set it to one or more of git\.push, git\.commit, context\.update/,
  );
});

test("a level for one component leaves the others as they are", () => {
  expect(houseConfig({ LOG_LEVEL: "info,coach-agent=debug" }).logLevels).toEqual({
    all: "info",
    components: { "coach-agent": "debug" },
  });
});
