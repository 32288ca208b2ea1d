import { createEvent, gitCommit, type Envelope } from "@contextpilot/events";
import { messageOf } from "@contextpilot/messaging";
import { goodCommit } from "@contextpilot/testing";
import { Ledger } from "../checker/ledger.ts";
import { checkSoak } from "./check-soak.ts";

const now = new Date("2026-03-02T09:00:00.000Z");
const [POISON, PLAIN] = ["refactor: poison change 1", "refactor: change 2"];

/** A commit as the git-agent said it. */
function commitOf(message: string): Envelope {
  const read = gitCommit.read({
    ...((JSON.parse(Buffer.from(goodCommit().data).toString()) as Envelope).data as object),
    message,
  });
  if (!read.ok) throw new TypeError(`${read.path}: ${read.problem}`);
  return createEvent(gitCommit(read.value, { key: [message] }), { source: "git-agent", timestamp: now.toISOString() });
}

interface Left {
  readonly said: readonly Envelope[];
  /** Service and event. */
  readonly dead?: readonly (readonly [string, Envelope])[];
  readonly keys?: readonly string[];
  readonly pushed?: number;
}

/** What is said to be broken about a soak in which nobody had to hear anything. */
async function broken({ said, dead = [], keys = [], pushed = said.length }: Left): Promise<readonly string[]> {
  const ledger = new Ledger();
  for (const event of said) ledger.took(messageOf(event));
  for (const [service, { event_id, event_type }] of dead)
    ledger.ended(service, { attributes: { event_id, event_type } }, "dead-lettered");
  const documents = { keys, get: () => ({ value: undefined }) };
  const run = { ledger, documents, subscriptions: [], repositories: [], commits: pushed, now };
  await checkSoak({ ...run, deadLetters: "stay" }, new Set());
  return ledger.violations;
}

test("a soak that said every commit, and in which the poison alone is dead, has kept its promises", async () => {
  const poison = commitOf(POISON);
  expect(await broken({ said: [poison, commitOf(PLAIN)], dead: [["tally", poison]] })).toEqual([]);
});

test("a commit that was pushed and never said is a broken promise", async () => {
  expect(await broken({ said: [commitOf(PLAIN)], pushed: 2 })).toEqual(["of 2 commits that were pushed 1 were said"]);
});

test.each([
  ["another's", "worker", POISON],
  ["what could be handled", "tally", PLAIN],
])("a dead letter is a broken promise where it is %s", async (_what, service, message) => {
  const event = commitOf(message);
  expect(await broken({ said: [event], dead: [[service, event]] })).toEqual([
    expect.stringContaining(`${event.event_id} is dead, though it could have been handled`),
  ]);
});

test("what waits in an outbox is a broken promise", async () => {
  expect(await broken({ said: [], keys: ["default/coach-agent/outbox/1"] })).toEqual([
    "what default/coach-agent/outbox/1 has to say was not said",
  ]);
});
