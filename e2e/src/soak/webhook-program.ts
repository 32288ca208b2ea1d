import { flushCompileCache } from "node:module";
import { createLogger, listen, listenConfig, runProcess } from "@contextpilot/agent-host";
import { createWebhook, webhookConfig } from "@contextpilot/webhook";
import { told } from "./identities.ts";
import { LoopbackPublisher, type LoopbackBus } from "./loopback-publisher.ts";

/** The webhook as a process of its own, before the broker's process, which SOAK_BUS_AT names. */
await runProcess(async () => {
  const { host, port } = listenConfig(process.env);
  const { secret } = webhookConfig(process.env);
  const logger = createLogger({ service: "webhook" });
  const app = createWebhook({ secret, logger, publisher: new LoopbackPublisher(told("SOAK_BUS_AT") as LoopbackBus) });
  logger.info({ address: await listen(app, { host, port }) }, "listening");
  flushCompileCache(); // a kill would leave nothing for the next start
  return { logger, close: () => app.close() };
});
