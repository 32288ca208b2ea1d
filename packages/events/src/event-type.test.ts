import { parseEventType } from "./event-type.ts";

test.each([
  ["git.commit.v1", { family: "git.commit", version: 1 }],
  ["plan.step.completed.v12", { family: "plan.step.completed", version: 12 }],
  ["git.v2.seen.v9999", { family: "git.v2.seen", version: 9999 }],
  ["llm_call.cost2.v1", { family: "llm_call.cost2", version: 1 }],
])("%s is %j", (text, parsed) => {
  expect(parseEventType(text)).toEqual(parsed);
});

test.each([
  "",
  "commit",
  "commit.v1",
  "git.commit",
  "git.commit.v",
  "git.commit.v0",
  "git.commit.v01",
  "git.commit.v10000",
  "git.commit.v1.v2",
  "git.commit.v0.v1",
  "git.commit.v1.0",
  "Git.commit.v1",
  "git.commit.V1",
  "git..commit.v1",
  ".git.commit.v1",
  "git.commit.v1 ",
  "git.commit.v1\n",
  "git commit.v1",
  "1git.commit.v1",
  "git-hub.push.v1",
])("%j is no versioned event type", (text) => {
  expect(parseEventType(text)).toBeUndefined();
});

test("of very many types each is parsed, the first time and again", () => {
  const types = Array.from({ length: 3_000 }, (_, at) => ({ family: `many.type${at}`, version: 7 }));
  const parsed = (): unknown => types.map(({ family, version }) => parseEventType(`${family}.v${version}`));
  expect(parsed()).toEqual(types);
  expect(parsed()).toEqual(types);
});
