import { createEvent, type EventOf } from "@contextpilot/events";
import { commitEvent } from "./commits.fixture.ts";
import { measureCommit } from "./measure-commit.ts";

/** Handles the commits one after the other, keeping the state between them, and gives what was said. */
function said(...commits: readonly EventOf<"git.commit.v1">[]) {
  const stored = new Map<string, unknown>();
  return commits.flatMap((commit) => {
    const refs = Object.entries(measureCommit.state(commit));
    const state = Object.fromEntries(refs.map(([name, ref]) => [name, ref.parse(stored.get(ref.key))]));
    const decision = measureCommit.decide(commit, state, undefined, { now: new Date(commit.timestamp), retryCount: 0 });
    for (const [name, ref] of refs) {
      const next: unknown = decision.state?.[name];
      if (next !== undefined) stored.set(ref.key, next);
    }
    return decision.events.map((draft) =>
      createEvent(draft, { source: "context-agent", timestamp: commit.timestamp, parent_event_id: commit.event_id }),
    );
  });
}

test("a commit becomes a context update, named by repository and hash and said to its author", () => {
  expect(said(commitEvent())).toMatchObject([
    { event_type: "context.update.v1", user_id: "ada", data: { repository: "shop", commit_hash: "def456" } },
  ]);
});

test("a commit that another branch had brought is not measured", () => {
  expect(said(commitEvent({ new_to_repository: false }))).toEqual([]);
});

test("a commit that is pushed again, on any branch, is measured once", () => {
  expect(said(commitEvent(), commitEvent({ branch: "topic" }), commitEvent({ forced: true }))).toHaveLength(1);
});

test("the same hash in another repository is another commit", () => {
  const ids = said(commitEvent(), commitEvent({ repository: "fork" })).map((event) => event.event_id);
  expect(new Set(ids).size).toBe(2);
});
