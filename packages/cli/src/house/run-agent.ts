import { createAgent, listen, pushAuthenticator, type Logger, type ReadyChecks } from "@contextpilot/agent-host";
import type { Outcome, Receiver } from "@contextpilot/messaging";
import { resolveTopology, type Service } from "@contextpilot/topology";
import type { Platform } from "./platform.ts";

/** How one delivery ended, at which service. */
export interface Handling {
  readonly service: Service;
  readonly subscription: string;
  readonly outcome: Outcome;
}

export interface AgentPlace {
  readonly platform: Pick<Platform, "issuer" | "push">;
  readonly logger: (service: Service) => Logger;
  /** What the service cannot do without. */
  readonly ready: (service: Service) => ReadyChecks;
  /** Of its subscriptions, those that it hears; what the others would bring waits. */
  readonly hears: (subscription: string) => boolean;
  readonly onHandling: (handling: Handling) => void;
}

/** A private service on this machine. */
export interface RunningAgent {
  /** Where it takes pushes. */
  readonly endpoint: string;
  /** Who its pushes' tokens are for. */
  readonly audience: string;
  /** Listens no more; what is pushed meanwhile comes again. */
  stop(): Promise<void>;
  /** Listens again, where it did before. Rejects with a StartError. */
  start(): Promise<void>;
}

/** Who pushes: the identity in the tokens. */
export const PUSHER = "pubsub-push@local.contextpilot.example";

/**
 * Runs one private service as it runs in the cloud: a listener of its own on this machine, to which the platform pushes by HTTP
 * with tokens. The pushes end with the platform.
 */
export async function runAgent(
  service: Service,
  receiver: Receiver,
  { platform, logger, ready, hears, onHandling }: AgentPlace,
): Promise<RunningAgent> {
  const audience = `https://${service}.local.contextpilot.example`;
  const { issuer } = platform.issuer;
  const options = {
    service,
    logger: logger(service),
    ready: ready(service),
    authenticate: pushAuthenticator({
      mode: "app",
      issuers: [issuer],
      jwksUrl: `${issuer}/.well-known/jwks.json`,
      audience,
      serviceAccounts: [PUSHER],
    }),
    receiver: {
      ...receiver,
      receive: async (delivery) => {
        const outcome = await receiver.receive(delivery);
        onHandling({ service, subscription: delivery.subscription, outcome });
        return outcome;
      },
    },
  } satisfies Parameters<typeof createAgent>[0];
  let app = createAgent(options);
  const address = await listen(app, { host: "127.0.0.1", port: 0 });
  const endpoint = `${address}/events`;
  for (const { name, service: consumer, ackDeadlineSeconds } of resolveTopology().subscriptions) {
    if (consumer !== service || !hears(name)) continue;
    await platform.push(name, { endpoint, audience, serviceAccount: PUSHER, ackDeadlineSeconds });
  }
  return {
    endpoint,
    audience,
    stop: () => app.close(),
    start: async () => {
      await app.close();
      app = createAgent(options);
      await listen(app, { host: "127.0.0.1", port: Number(new URL(address).port) });
    },
  };
}
