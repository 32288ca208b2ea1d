import { deadLetterTopicOf, orderingKeyOf, topicOf } from "./resolve.ts";

test.each([
  ["git.push.v1", "git-events"],
  ["git.commit.v7", "git-events"],
  ["context.update.v1", "context-updates"],
  ["coach.nudge", "coach-nudges"],
])("%s goes to %s", (type, topic) => {
  expect(topicOf(type)).toBe(topic);
});

test.each(["git.pushed.v1", "git", "", "toString"])("no topic carries %j", (type) => {
  expect(() => topicOf(type)).toThrow(`no topic carries ${type}`);
});

test("a dead-letter topic is its own dead-letter topic", () => {
  expect(deadLetterTopicOf("git-events")).toBe("git-events-dlq");
  expect(deadLetterTopicOf("git-events-dlq")).toBe("git-events-dlq");
});

test.each<[string, object, string | undefined]>([
  ["git.push.v1", { repository: "shop", ref: "refs/heads/main" }, "shop"],
  ["git.commit.v1", { repository: "shop", branch: "agent/fix" }, "shop/agent/fix"],
  ["git.commit.v2", { repository: "shop", branch: "main" }, "shop/main"],
  ["context.update.v1", { repository: "läden", branch: "main" }, "läden"],
  ["git.commit.v1", { branch: "main" }, "/main"],
  ["git.commit.v1", { repository: 7, branch: null }, "/"],
  ["coach.nudge.v1", { repository: "shop" }, undefined],
  ["nobody.knows.v1", { repository: "shop" }, undefined],
  ["not a type", {}, undefined],
])("the ordering key of %s with %j is %p", (event_type, data, key) => {
  expect(orderingKeyOf({ event_type, data })).toBe(key);
});

const keyOf = (branch: string): string | undefined =>
  orderingKeyOf({ event_type: "git.commit.v1", data: { repository: "r", branch } });

test("an ordering key past 1,024 bytes becomes its hash, and stays a key of its own", () => {
  expect(keyOf("x".repeat(1022))).toBe(`r/${"x".repeat(1022)}`);
  expect(keyOf("x".repeat(1023))).toMatch(/^[0-9a-f]{64}$/);
  expect(keyOf("é".repeat(512))).toMatch(/^[0-9a-f]{64}$/);
  expect(keyOf("x".repeat(1023))).not.toBe(keyOf("x".repeat(1024)));
});

test("so does one that is no valid Unicode, which a bus would refuse or take for another", () => {
  expect(keyOf("\ud800")).toMatch(/^[0-9a-f]{64}$/);
  expect(keyOf("\ud800")).not.toBe(keyOf("\ud801"));
});
