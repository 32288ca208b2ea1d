import { createLogger, listen, runProcess } from "@contextpilot/agent-host";
import { LocalIssuer } from "@contextpilot/broker";
import { createPushProxy } from "./app.ts";
import { pushProxyConfig } from "./config.ts";
import { instancesInTurn } from "./instances-in-turn.ts";

await runProcess(async () => {
  const { host, port, issuer, endpointOf, audienceOf, serviceAccount, logLevel } = pushProxyConfig(process.env);
  const logger = createLogger({ service: "push-proxy", level: logLevel });
  const tokens = new LocalIssuer({ issuer });
  const app = createPushProxy({
    issuer: () => tokens,
    logger,
    lookup: instancesInTurn(),
    targetOf: ({ service, ackDeadlineSeconds }) => ({
      endpoint: endpointOf(service),
      audience: audienceOf(service),
      serviceAccount,
      ackDeadlineSeconds,
    }),
  });
  logger.info({ address: await listen(app, { host, port }) }, "listening");
  return { logger, close: () => app.close() };
});
