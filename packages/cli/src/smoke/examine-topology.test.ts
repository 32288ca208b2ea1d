import { examineTopology } from "./examine-topology.ts";
import { projectWith } from "./project.fixture.ts";

test("a project is well where only retention is its own", () => {
  const { topics, subscriptions } = projectWith({ "context-from-git": { retentionSeconds: 31 * 86_400 } });
  const kept = topics.map((topic) => ({ ...topic, retentionSeconds: 31 * 86_400 }));
  expect(examineTopology({ topics: kept, subscriptions })).toMatchObject([
    { check: "topics", state: "ok" },
    { check: "subscriptions", state: "ok" },
  ]);
});

test("what is missing, and what differs, is named with its remedy", () => {
  const { topics, subscriptions } = projectWith({
    "context-from-git": { filter: "" },
    "coach-from-context": { ackDeadlineSeconds: 10 },
  });
  const there = subscriptions.filter(({ name }) => name !== "spec-from-git");
  expect(examineTopology({ topics: topics.slice(1), subscriptions: there })).toMatchObject([
    { state: "wrong", what: `${topics[0]?.name} is missing`, mend: expect.stringContaining("make tf-apply") },
    {
      state: "wrong",
      what: expect.stringMatching(/^context-from-git .*filter: "" -> "attributes/),
      mend: expect.stringContaining("-next"),
    },
    { state: "wrong", what: "spec-from-git is missing" },
    { state: "wrong", what: expect.stringMatching(/^coach-from-context .*ackDeadlineSeconds: 10 -> 60/) },
  ]);
});
