import {
  agentConfig,
  createAgent,
  createLogger,
  listen,
  openTelemetry,
  pushAuthenticator,
  runProcess,
  type Environment,
  type Logger,
  type Tracing,
} from "@contextpilot/agent-host";
import {
  createRawReceiver,
  createReceiver,
  type Delivery,
  type HandlersOf,
  type Receiver,
} from "@contextpilot/messaging";
import type { Service } from "@contextpilot/topology";
import { openGoogleCloud, type GoogleCloud } from "./google-cloud.ts";

/**
 * Runs an agent as a process of its own, as on Cloud Run: told by its environment, it listens for pushes, and ends in order on
 * SIGTERM. Handlers that need to be told something are made of the environment. What cannot start is said in one line, exit code 1.
 */
export function runAgent<S extends Service>(
  service: S,
  handlers: HandlersOf<S> | ((env: Environment) => HandlersOf<S>),
): Promise<void> {
  return runPushed(service, ({ cloud, tracing, tenantId }) => {
    const own = typeof handlers === "function" ? handlers(process.env) : handlers;
    return createReceiver({
      service,
      handlers: tracing?.handlers(own) ?? own,
      store: tracing?.store(cloud.store) ?? cloud.store,
      publisher: tracing?.publisher(cloud.publisher) ?? cloud.publisher,
      payloads: cloud.payloads,
      ...(tenantId === undefined ? {} : { tenant: tenantId }),
    });
  });
}

/** Runs a service that takes each delivery as it is, of every tenant, likewise: `take` keeps the promises of createRawReceiver. */
export function runRawAgent(
  service: Service,
  takeWith: (cloud: GoogleCloud, logger: Logger) => (delivery: Delivery) => Promise<void>,
): Promise<void> {
  return runPushed(service, ({ cloud, tracing, logger }) => {
    const publisher = tracing?.publisher(cloud.publisher) ?? cloud.publisher;
    return createRawReceiver({ service, take: takeWith(cloud, logger), publisher });
  });
}

interface Started {
  readonly cloud: GoogleCloud;
  readonly logger: Logger;
  readonly tracing: Tracing | undefined;
  readonly tenantId: string | undefined;
}

function runPushed(service: Service, receiverWith: (started: Started) => Receiver): Promise<void> {
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
