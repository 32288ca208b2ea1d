/**
 * A job for the tests: spec-agent's, but what it is told in a commit's message it does: fails, or waits until the file GATE is there. With RAW
 * it takes everything as it is.
 */
import { existsSync } from "node:fs";
import type { Environment } from "@contextpilot/agent-host";
import { runJob, runRawJob } from "@contextpilot/agent-process";
import { MessageError, handler, handlersOf } from "@contextpilot/messaging";
import { until } from "@contextpilot/testing";

const handlers = ({ GATE = "", MENDED }: Environment) =>
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
  });

if (process.env["RAW"] === undefined) await runJob("spec-agent", handlers);
else await runRawJob("spec-agent", () => () => Promise.resolve());
