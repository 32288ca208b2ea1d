import {
  agentConfig,
  createAgent,
  createLogger,
  listen,
  openTelemetry,
  pushAuthenticator,
  runProcess,
} from "@contextpilot/agent-host";
import type { Service } from "@contextpilot/topology";
import { openGoogleCloud } from "./google-cloud.ts";
import { handledBy, takenBy, type Handlers, type ReceiverWith, type TakeWith } from "./service-receiver.ts";

/**
 * Runs an agent as a process of its own, as on Cloud Run: told by its environment, it listens for pushes, and ends in order on
 * SIGTERM. Handlers that need to be told something are made of the environment. What cannot start is said in one line, exit code 1.
 */
export function runAgent<S extends Service>(service: S, handlers: Handlers<S>): Promise<void> {
  return runPushed(service, handledBy(service, handlers));
}

/** Runs a service that takes each delivery as it is, of every tenant, likewise: `take` keeps the promises of createRawReceiver. */
export function runRawAgent(service: Service, takeWith: TakeWith): Promise<void> {
  return runPushed(service, takenBy(service, takeWith));
}

function runPushed(service: Service, receiverWith: ReceiverWith): Promise<void> {
  return runProcess(async () => {
    const { host, port, push, tenantId, logLevel } = agentConfig(process.env);
    const logger = createLogger({ service, level: logLevel });
    const cloud = openGoogleCloud(service, process.env, logger);
    const telemetry = await openTelemetry(service, process.env);
    const tracing = telemetry?.tracing;
    const { receive, setAside } = receiverWith({ cloud, logger, tracing, tenantId });
    const app = createAgent({
      service,
      logger,
      ready: cloud.ready,
      authenticate: pushAuthenticator(push),
      receiver: { receive: tracing?.receive(receive) ?? receive, setAside },
      projectId: cloud.projectId,
    });
    logger.info({ address: await listen(app, { host, port }) }, "listening");
    return {
      logger,
      close: async () => {
        await app.close();
        await cloud.close();
        await telemetry?.close();
      },
    };
  });
}
