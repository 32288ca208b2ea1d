import { collection, handler, handlersOf, type HandlersOf } from "@contextpilot/messaging";
import * as z from "zod";

const counts = collection("counts", z.object({ seen: z.int().default(0) }));

/** Handlers of the context-agent that do next to nothing, so that what is measured is the path and not the work. */
export const countingHandlers: HandlersOf<"context-agent"> = handlersOf("context-agent", {
  "git.commit.v1": handler("git.commit.v1", {
    state: ({ data }) => ({ count: counts.of(data.repository, data.commit_hash) }),
    decide: (_commit, { count }) => ({ events: [], state: { count: { seen: count.seen + 1 } } }),
  }),
});

/** The same without state. */
export const statelessHandlers: HandlersOf<"context-agent"> = handlersOf("context-agent", {
  "git.commit.v1": handler("git.commit.v1", { decide: () => ({ events: [] }) }),
});
