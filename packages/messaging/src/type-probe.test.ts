import { coachNudge, gitCommit } from "@contextpilot/events";
import { z } from "zod";
import { collection } from "./collection.ts";
import { handler, handlersOf } from "./handler.ts";
const paces = collection("paces", z.object({ n: z.number().default(0) }));
const good = handler("context.update.v1", {
  state: (update) => ({ pace: paces.of(update.data.author_id) }),
  decide: (update, { pace }, { now }) => ({
    events: [
      coachNudge({
        nudge_id: update.event_id,
        rule: "x",
        repository: "r",
        title: "t",
        why_now: "w",
        next_actions: ["a", "b"],
        eta_minutes: 5,
        priority: "low",
        links: [],
        related_events: [],
      }),
    ],
    state: { pace: { n: pace.n + now.getTime() } },
  }),
});
const plain = handler("git.commit.v1", { decide: (c) => ({ events: [gitCommit(c.data)] }) });
const reading = handler("git.push.v1", {
  state: (p) => ({ tips: paces.of(p.data.ref) }),
  read: async (p, { tips }, ctx) => [p.data.ref, tips.n, ctx.signal] as const,
  decide: (_p, { tips }, [ref], ctx) => ({ events: [], state: { tips: { n: tips.n + ref.length + ctx.retryCount } } }),
});
test("compiles", () => {
  handlersOf("coach-agent", { "context.update.v1": good });
  handlersOf("git-agent", { "git.push.v1": reading });
  // @ts-expect-error one that is not heard
  handlersOf("coach-agent", { "context.update.v1": good, "git.commit.v1": plain });
  // @ts-expect-error one missing
  handlersOf("context-agent", {});
  // @ts-expect-error says what it may not
  handlersOf("context-agent", { "git.commit.v1": plain });
});
