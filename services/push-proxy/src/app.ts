import type { LookupFunction } from "node:net";
import { createApp, decodePush, type Logger } from "@contextpilot/agent-host";
import { HttpPush, type LocalIssuer, type PushTarget } from "@contextpilot/broker";
import { resolveTopology, type ResolvedSubscription } from "@contextpilot/topology";
import type { FastifyInstance } from "fastify";
import { DeliveryAttempts } from "./delivery-attempts.ts";
import { likeTheService, wanted } from "./like-the-service.ts";

export interface PushProxyOptions {
  /** Where the pushes of a subscription go; asked for each. Undefined: nowhere yet, they are to come again. */
  readonly targetOf: (subscription: ResolvedSubscription) => PushTarget | undefined;
  /** Signs the tokens; asked for once the proxy listens, since its name is the proxy's address: its keys are served there. */
  readonly issuer: () => Pick<LocalIssuer, "token" | "jwks">;
  readonly logger: Logger;
  /** Default: the house's. */
  readonly subscriptions?: readonly ResolvedSubscription[];
  /** Says at each push where a target's name is. Default: Node's own, and connections are kept. */
  readonly lookup?: LookupFunction;
}

/**
 * Stands between Google's emulator and the agents, not listening yet, and does what the emulator leaves out of a push:
 * `POST /push/<subscription>` takes the emulator's, with that as its push endpoint. What the subscription's filter keeps back ends
 * here with 204; the rest goes on to its agent with token, deliveryAttempt and orderingKey. 204: the agent acked it; 503: it is
 * to come again, for whatever reason, which the log says. `GET /.well-known/jwks.json` has the tokens' keys.
 */
export function createPushProxy(options: PushProxyOptions): FastifyInstance {
  const { targetOf, issuer, logger, subscriptions = resolveTopology().subscriptions, lookup } = options;
  const byName = new Map(subscriptions.map((subscription) => [subscription.name, subscription]));
  const attempts = new DeliveryAttempts();
  const push = new HttpPush({
    tokens: { token: (claims) => issuer().token(claims) },
    ...(lookup && { lookup }),
    onNack: ({ subscription, messageId, deliveryAttempt }, why) =>
      logger.warn({ subscription, message_id: messageId, attempt: deliveryAttempt, why }, "push not acked"),
  });
  const app = createApp({ service: "push-proxy", logger });
  app.addHook("onClose", () => push.close());
  app.get("/.well-known/jwks.json", () => issuer().jwks());

  void app.register(async (emulator) => {
    emulator.removeAllContentTypeParsers();
    emulator.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    emulator.post<{ Params: { name: string }; Body: Buffer | undefined }>(
      "/push/:name",
      async ({ params, body }, reply) => {
        const subscription = byName.get(params.name);
        if (subscription === undefined) return refuse(404, "no subscription of the topology");
        const decoded = decodePush(body ?? Buffer.alloc(0));
        if (!decoded.ok) return refuse(400, decoded.error.message);
        const { delivery } = decoded;
        if (!wanted(subscription, delivery)) return reply.code(204).send();
        const target = targetOf(subscription);
        if (target === undefined) return refuse(503, "no agent to push to");

        const key = `${subscription.name} ${delivery.messageId}`;
        const attempt = attempts.count(key);
        const answer = await push.to(target)(likeTheService(subscription, delivery, attempt));
        if (answer !== "ack") return reply.code(503).send();
        attempts.forget(key);
        return reply.code(204).send();

        function refuse(status: number, why: string): unknown {
          logger.warn({ subscription: params.name, status, why }, "push refused");
          return reply.code(status).send({ error: why });
        }
      },
    );
  });
  return app;
}
