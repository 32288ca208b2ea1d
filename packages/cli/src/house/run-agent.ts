import { createAgent, listen, pushAuthenticator, type Logger } from "@contextpilot/agent-host";
import type { Broker, HttpPush } from "@contextpilot/broker";
import type { Outcome, Receiver } from "@contextpilot/messaging";
import { resolveTopology, type Service } from "@contextpilot/topology";

/** How one delivery ended, at which service. */
export interface Handling {
  readonly service: Service;
  readonly subscription: string;
  readonly outcome: Outcome;
}

export interface AgentPlace {
  readonly broker: Broker;
  readonly push: HttpPush;
  /** The local issuer, where agents find the keys of the tokens that the broker's pushes carry. */
  readonly issuer: string;
  readonly logger: (service: Service) => Logger;
  readonly onHandling: (handling: Handling) => void;
}

/** Who pushes: the identity in the tokens. */
const PUSHER = "pubsub-push@local.contextpilot.example";

/**
 * Runs one private service as it runs in the cloud: a listener of its own on this machine, to which the broker pushes by HTTP
 * with tokens. Gives what closes the listener; the pushes end with the broker.
 */
export async function runAgent(
  service: Service,
  receiver: Receiver,
  { broker, push, issuer, logger, onHandling }: AgentPlace,
): Promise<{ close(): Promise<void> }> {
  const audience = `https://${service}.local.contextpilot.example`;
  const app = createAgent({
    service,
    logger: logger(service),
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
  });
  const endpoint = `${await listen(app, { host: "127.0.0.1", port: 0 })}/events`;
  for (const { name, service: consumer, ackDeadlineSeconds } of resolveTopology().subscriptions) {
    if (consumer !== service) continue;
    await broker.subscribe(name, push.to({ endpoint, audience, serviceAccount: PUSHER, ackDeadlineSeconds }));
  }
  return { close: () => app.close() };
}
