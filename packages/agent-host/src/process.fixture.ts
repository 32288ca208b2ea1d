/** An agent's process for the tests: tells its parent where it listens and what it received, and finishes it when it is told to. */
import type { Outcome } from "@contextpilot/messaging";
import { createAgent } from "./create-agent.ts";
import { createLogger } from "./logging.ts";
import { listen, runProcess } from "./serve.ts";
import { StartError } from "./start-error.ts";

const tell = (message: string): unknown => process.send?.(message);

await runProcess(async () => {
  if (process.argv[2] === "misconfigured") throw new StartError("PUSH_AUDIENCE is not set: set it");
  const told = new Promise((resolve) => process.once("message", resolve));
  let first = true;
  const receive = async (): Promise<Outcome> => {
    if (first) {
      first = false;
      tell("received");
      await told;
    }
    return { kind: "taken" };
  };
  const logger = createLogger({ service: "test-agent" });
  const app = createAgent({
    service: "test-agent",
    logger,
    authenticate: () => undefined,
    receiver: { receive, setAside: () => Promise.resolve() },
  });
  tell(await listen(app, { host: "127.0.0.1", port: 0 }));
  if (process.argv[2] === "still starting") await told;
  const work = async (): Promise<void> => {
    const message = await told;
    if (message !== "done") throw new Error(`the work ${String(message)}`);
  };
  return {
    logger,
    graceMs: Number(process.argv[2]) || 7_500,
    ...(process.argv[2] === "with work" ? { done: work() } : {}),
    close: () => app.close(),
  };
});
