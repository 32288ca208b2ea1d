import { createApp, createLogger, listen, listenConfig, runProcess } from "@contextpilot/agent-host";
import { openBus } from "@contextpilot/agent-process";
import { startClock } from "@contextpilot/messaging";

// Stands for Cloud Scheduler where there is none: says the tick of each minute.
await runProcess(async () => {
  const { host, port, logLevel } = listenConfig(process.env);
  const logger = createLogger({ service: "clock", level: logLevel });
  const bus = openBus(process.env, logger);
  const app = createApp({ service: "clock", logger, ready: { pubsub: bus.ready } });
  logger.info({ address: await listen(app, { host, port }) }, "listening");
  const clock = startClock(bus.publisher, { onError: (err) => logger.error({ err }, "a tick was not taken") });
  return {
    logger,
    close: async () => {
      await clock.stop();
      await app.close();
      await bus.close();
    },
  };
});
