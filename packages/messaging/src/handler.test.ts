import { coachNudge, gitCommit, type EventOf } from "@contextpilot/events";
import * as z from "zod";
import { collection } from "./collection.ts";
import { handler, handlersOf, type HandlersOf, type Limited } from "./handler.ts";
import { onTick } from "./on-tick.ts";

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

const limited: Limited = (work) => work(new AbortController().signal);

test("a service's handlers compile only when they are those that the topology asks for", () => {
  const ticks = onTick(paces, (value) => ({ events: [], value }));
  const all = {
    "context.update.v1": countsUpdates,
    "strategy.insight.v1": handler("strategy.insight.v1", { decide: () => ({ events: [] }) }),
    "proposal.created.v1": handler("proposal.created.v1", { decide: () => ({ events: [] }) }),
    "clock.tick.v1": ticks,
  } as const;
  expect(handlersOf("coach-agent", all)).toBe(all);
  const git: Pick<HandlersOf<"git-agent">, "git.push.v1"> = { "git.push.v1": readsPushes };
  expect(Object.keys(git)).toEqual(["git.push.v1"]);

  // @ts-expect-error the coach does not hear commits
  handlersOf("coach-agent", { ...all, "git.commit.v1": repeatsCommits });
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
  const decision = await readsPushes.run(push, { seen: { count: 1 } }, context, limited);
  expect(decision.state).toEqual({ seen: { count: 1 + "refs/heads/main".length + 2 } });
});

test("a handler that acts skips replays, and works on its own event unless it names something else", () => {
  const acting = handler("git.push.v1", { act: () => Promise.resolve({ events: [] }) });
  const byRepository = handler("git.push.v1", {
    claim: ({ data }) => data.repository,
    act: () => Promise.resolve({ events: [] }),
  });
  const push = { event_type: "git.push.v1", event_id: "e1", data: { repository: "shop" } } as EventOf<"git.push.v1">;
  expect(acting.replay).toBe("skip");
  expect(acting.claim?.(push)).toContain("e1");
  expect(byRepository.claim?.(push)).toBe("shop");
});
