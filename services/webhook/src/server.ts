import { createLogger, listen, listenConfig, openTelemetry, runProcess } from "@contextpilot/agent-host";
import { openBus } from "@contextpilot/agent-process";
import { createWebhook } from "./app.ts";
import { webhookConfig } from "./config.ts";

await runProcess(async () => {
  const { host, port, logLevel } = listenConfig(process.env);
  const { secret, tenant } = webhookConfig(process.env);
  const logger = createLogger({ service: "webhook", level: logLevel });
  const bus = openBus(process.env, logger);
  const telemetry = await openTelemetry("webhook", process.env);
  const publisher = telemetry?.tracing.publisher(bus.publisher) ?? bus.publisher;
  const app = createWebhook({ secret, tenant, publisher, logger, ready: { pubsub: bus.ready } });
  logger.info({ address: await listen(app, { host, port }) }, "listening");
  return {
    logger,
    close: async () => {
      await app.close();
      await bus.close();
      await telemetry?.close();
    },
  };
});
