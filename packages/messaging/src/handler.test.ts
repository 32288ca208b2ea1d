import { coachNudge, gitCommit, type EventOf } from "@contextpilot/events";
import { z } from "zod";
import { collection } from "./collection.ts";
import { handler, handlersOf } from "./handler.ts";

const paces = collection("paces", z.object({ count: z.number().default(0) }));
const nudge = coachNudge({
  nudge_id: "n1",
  rule: "high-impact",
  repository: "shop",
  title: "Look at it again",
  why_now: "It is large",
  next_actions: ["git show", "npm test"],
  eta_minutes: 5,
  priority: "normal",
  links: [],
  related_events: [],
});

const countsUpdates = handler("context.update.v1", {
  state: (update) => ({ pace: paces.of(update.data.author_id) }),
  decide: (_update, { pace }) => ({ events: [nudge], state: { pace: { count: pace.count + 1 } } }),
});
const repeatsCommits = handler("git.commit.v1", { decide: (commit) => ({ events: [gitCommit(commit.data)] }) });
const readsPushes = handler("git.push.v1", {
  state: (push) => ({ seen: paces.of(push.data.ref) }),
  read: (push, { seen }, { signal }) => Promise.resolve([push.data.ref, seen.count, signal.aborted] as const),
  decide: (_push, { seen }, [ref], { retryCount }) => ({
    events: [],
    state: { seen: { count: seen.count + ref.length + retryCount } },
  }),
});

test("a service's handlers compile only when they are those that the topology asks for", () => {
  expect(Object.keys(handlersOf("coach-agent", { "context.update.v1": countsUpdates }))).toEqual(["context.update.v1"]);
  expect(Object.keys(handlersOf("git-agent", { "git.push.v1": readsPushes }))).toEqual(["git.push.v1"]);

  // @ts-expect-error the coach does not hear commits
  handlersOf("coach-agent", { "context.update.v1": countsUpdates, "git.commit.v1": repeatsCommits });
  // @ts-expect-error the context-agent must hear commits
  handlersOf("context-agent", {});
  // @ts-expect-error the context-agent may not say commits
  handlersOf("context-agent", { "git.commit.v1": repeatsCommits });
});

test("a handler with state skips replays unless it asks for them, one without handles them", () => {
  expect(countsUpdates.replay).toBe("skip");
  expect(repeatsCommits.replay).toBe("handle");
  expect(handler("git.commit.v1", { replay: "skip", decide: () => ({ events: [] }) }).replay).toBe("skip");
});

test("decide gets the facts that read gave, and no facts argument where nothing is read", async () => {
  const push = { data: { ref: "refs/heads/main" } } as EventOf<"git.push.v1">;
  const context = { now: new Date(0), retryCount: 2 };
  const facts = await readsPushes.read(
    push,
    { seen: { count: 1 } },
    { ...context, signal: new AbortController().signal },
  );
  const decision = readsPushes.decide(push, { seen: { count: 1 } }, facts, context);
  expect(decision.state).toEqual({ seen: { count: 1 + "refs/heads/main".length + 2 } });
});
