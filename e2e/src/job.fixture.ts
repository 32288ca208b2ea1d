/** A job for the tests: spec-agent's, but what it is told in a commit's message it does: fails, or waits until the file GATE is there. */
import { existsSync } from "node:fs";
import { runJob } from "@contextpilot/agent-process";
import { MessageError, handler, handlersOf } from "@contextpilot/messaging";
import { until } from "@contextpilot/testing";

await runJob("spec-agent", ({ GATE = "", MENDED }) =>
  handlersOf("spec-agent", {
    "git.commit.v1": handler("git.commit.v1", {
      read: async ({ event_id, data: { message } }) => {
        process.stdout.write(`${JSON.stringify({ message: "begun", event_id })}\n`);
        if (message === "wait") await until(() => existsSync(GATE), "the gate", { withinMs: 30_000, everyMs: 20 });
      },
      decide: ({ data: { message } }) => {
        if (message === "fail" && MENDED === undefined) throw MessageError.retryable("unavailable", "not yet");
        return { events: [] };
      },
    }),
    "context.update.v1": handler("context.update.v1", { decide: () => ({ events: [] }) }),
  }),
);
