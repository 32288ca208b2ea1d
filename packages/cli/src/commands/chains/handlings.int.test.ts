import { createEvent, gitCommit, gitPush, type Envelope } from "@contextpilot/events";
import { subscriptionsFor } from "@contextpilot/topology";
import { bytesOf, openCommandHouse, type CommandHouse } from "../commands.fixture.ts";

const NOW = new Date();
const HASH = "b".repeat(40);

const push = createEvent(
  gitPush({ repository: "shop", ref: "refs/heads/main", before: "a".repeat(40), after: HASH, forced: false }),
  { event_id: "push", source: "webhook", timestamp: NOW.toISOString() },
);
const commit: Envelope = createEvent(
  gitCommit({
    repository: "shop",
    branch: "main",
    commit_hash: HASH,
    parent_hashes: [],
    author_id: "ada",
    message: `Add a cart\n\n${"x".repeat(900)}`,
    files_changed: Array.from({ length: 30 }, (_, index) => `src/${index}.ts`),
    changes: [],
    files_total: 30,
    lines_added: 0,
    lines_removed: 0,
    changes_truncated: false,
    is_merge: false,
    forced: false,
    origin: "push",
    new_to_repository: true,
    default_branch: true,
  }),
  {
    event_id: "commit",
    source: "git-agent",
    timestamp: new Date(NOW.getTime() + 40).toISOString(),
    correlation_id: "push",
    parent_event_id: "push",
    hops: 1,
  },
);

let house: CommandHouse;
beforeEach(async () => {
  const at = new Date(NOW.getTime() + 50).toISOString();
  house = await openCommandHouse({
    askHandled: async (service, events) => {
      if (service === "git-agent") return events.map(() => ({ at, said: ["commit", "elsewhere"] }));
      if (service === "spec-agent") return events.map(() => ({ at, said: [], note: "users do not\u001b[2J notice" }));
      return [];
    },
  });
  await house.hear(push, commit);
});
afterEach(() => house.close());

test("below each event of a chain stands what its consumers said, why they said nothing, and who waits", async () => {
  const { out } = await house.run(["chains", "push"]);
  const lines = out.split("\n");
  const below = (pattern: RegExp): string => lines.find((line) => pattern.test(line)) ?? "";
  expect(below(/↳ git-agent/)).toMatch(/^ +50 ms {4}↳ git-agent +said git\.commit, 1 × of what is not here yet$/);
  expect(below(/↳ spec-agent/)).toMatch(/^ +50 ms {6}↳ spec-agent +said nothing: users do not\[2J notice$/);
  expect(below(/↳ context-agent/)).toMatch(/^ +↳ context-agent +waits$/);
  const hearers = subscriptionsFor("git.commit.v1").length;
  expect(out).toContain(`2 events, ${hearers + 1} handlings: 2 done, ${hearers - 1} waiting.`);
  expect(lines.findIndex((line) => line.includes("↳ spec-agent"))).toBeGreaterThan(
    lines.findIndex((line) => line.includes("git.commit  ")),
  );
});

test("what died at a consumer is said below its event, with its reason and the way on", async () => {
  const about = { dead_letter_consumer: "context-agent", event_id: "commit", correlation_id: "push" };
  await house.die("d1", bytesOf(commit), about);

  const { out } = await house.run(["chains", "push"]);
  expect(out).toMatch(/↳ context-agent +dead-lettered: handler-failed: it broke/);
  expect(out).toContain("1 dead-lettered");
  expect(out).toContain("./contextpilot dead-letters show d1");
});

test("the list shows who waits, and nothing of those that are done", async () => {
  const { out } = await house.run(["chains"]);
  expect(out).toMatch(/↳ context-agent +waits/);
  expect(out).not.toContain("↳ git-agent");
});

test("long texts and lists are cut for people and whole for machines", async () => {
  const { out } = await house.run(["chains", "push"]);
  expect(out).toContain("… (912 characters in all)");
  expect(out).toContain("… and 10 more");
  const chain = JSON.parse((await house.run(["chains", "push", "--json"])).out) as {
    items: { event: { data: { message?: string } }; handlings: { consumer: string; status: string }[] }[];
  };
  expect(chain.items[1]?.event.data.message).toHaveLength(912);
  expect(chain.items[0]?.handlings).toEqual([
    expect.objectContaining({ consumer: "git-agent", status: "handled", said: ["commit", "elsewhere"], note: null }),
  ]);
});
