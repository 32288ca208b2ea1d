import { MessageError, type Outcome, type Receiver, type Undeliverable } from "@contextpilot/messaging";
import { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Authenticate } from "./authenticate-push.ts";
import { createApp, type AppOptions } from "./create-app.ts";
import { decodePush } from "./decode-push.ts";
import { DeliveryCounter } from "./delivery-counts.ts";
import { logDelivery } from "./log-delivery.ts";
import type { TokenRefusal } from "./token-refusal.ts";
import { turnEnd } from "./turn-end.ts";

export interface AgentOptions extends AppOptions {
  readonly authenticate: Authenticate;
  readonly receiver: Pick<Receiver, "receive" | "setAside">;
  /** Google's project, whose Cloud Logging shows log lines beside their traces. Default: none. */
  readonly projectId?: string;
}

/**
 * An agent's listener, not listening yet: `POST /events` takes Pub/Sub's push requests, beside the health routes of
 * {@link createApp}, and `GET /health/stats` says how they ended. 401, 403 and 503 before the body is read; 413 past 16 MiB; 415 for anything but plain JSON; else the
 * outcome's status. `close()` also waits for deliveries whose sender has gone.
 */
export function createAgent(options: AgentOptions): FastifyInstance {
  const app = createApp(options);
  const running = new Set<Promise<Outcome>>();
  const counter = new DeliveryCounter();
  const untilTurnEnd = turnEnd();
  app.addHook("preClose", async () => {
    while (running.size > 0) await Promise.allSettled(running);
  });

  const since = new Date().toISOString();
  app.get("/health/stats", () => ({ service: options.service, since, deliveries: counter.counts }));
  void app.register(async (events) => {
    events.removeAllContentTypeParsers();
    events.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    events.post<{ Body: Uint8Array | undefined }>(
      "/events",
      { onRequest: [letIn(options), refuseEncodings] },
      async ({ body }, reply) => {
        // Without a body there was no media type to check.
        if (body === undefined) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
        const delivering = untilTurnEnd().then(() => deliver(options, body, counter));
        running.add(delivering);
        try {
          return reply.code(statusOf(await delivering)).send();
        } finally {
          running.delete(delivering);
        }
      },
    );
  });
  return app;
}

type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;

function letIn({ authenticate, logger }: AgentOptions): OnRequest {
  return (request, reply, done) => {
    const decide = (refusal: TokenRefusal | undefined): void => {
      if (refusal === undefined) return done();
      logger.warn({ status: refusal.status, reason: refusal.reason, security: true }, "push refused");
      if (refusal.status === 401) reply.header("www-authenticate", "Bearer");
      // The body is not read, so the connection cannot be used again.
      reply.header("connection", "close").code(refusal.status).send({ error: refusal.reason });
    };
    const verdict = authenticate(authorizationsOf(request.raw.rawHeaders));
    if (verdict instanceof Promise) verdict.then(decide, done);
    else decide(verdict);
  };
}

/** Every Authorization header: `headers` has only the first, and two are not one. */
function authorizationsOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === "authorization");
}

/** What is packed, for its whole way or from hop to hop, would have to be unpacked before its size is known; Pub/Sub packs nothing. */
const refuseEncodings: OnRequest = ({ headers }, _reply, done) => {
  const { "content-encoding": content = "identity", "transfer-encoding": transfer = "chunked" } = headers;
  const plain = content.toLowerCase() === "identity" && transfer.toLowerCase() === "chunked";
  done(plain ? undefined : new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
};

async function deliver(
  { receiver, logger, projectId }: AgentOptions,
  body: Uint8Array,
  counter: DeliveryCounter,
): Promise<Outcome> {
  const start = performance.now();
  const push = decodePush(body);
  const outcome = push.ok ? await receiver.receive(push.delivery) : await setAside(receiver, push.message, push.error);
  counter.add(outcome);
  const durationMs = performance.now() - start;
  logDelivery(logger, { push: push.ok ? push.delivery : push.message, durationMs, projectId }, outcome);
  return outcome;
}

async function setAside(
  receiver: AgentOptions["receiver"],
  message: Undeliverable,
  error: MessageError,
): Promise<Outcome> {
  try {
    await receiver.setAside(message, error);
    return { kind: "dead-lettered", error };
  } catch (thrown) {
    return { kind: "retry", error: MessageError.from(thrown) };
  }
}

/** Pub/Sub: 204 acks, 503 brings it again later. */
function statusOf(outcome: Outcome): 204 | 503 {
  switch (outcome.kind) {
    case "handled":
    case "skipped":
    case "taken":
    case "dead-lettered":
      return 204;
    case "retry":
      return 503;
  }
}
