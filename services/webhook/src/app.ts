import { StartError, createApp, type AppOptions, type Logger } from "@contextpilot/agent-host";
import { systemClock, type Clock, type Publisher } from "@contextpilot/messaging";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { answerRefusals } from "./answer-refusals.ts";
import { publishPushes } from "./publish-pushes.ts";
import { readGitHubPush, readGitPush, type Push } from "./read-push.ts";
import { Refusal } from "./refusal.ts";
import { requireSignature } from "./require-signature.ts";
import { MIN_SECRET_LENGTH } from "./signature.ts";

export interface WebhookOptions {
  /** Shared with GitHub and with the repositories' hooks; 16 characters at least. */
  readonly secret: string;
  /** Whose the pushes are. Default: `default`. */
  readonly tenant?: string | undefined;
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** As {@link AppOptions} says. */
  readonly ready?: AppOptions["ready"];
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** How long the bus has to take a push. Default 900 ms: whoever pushes is answered within a second. */
  readonly publishLimitMs?: number;
}

/** The body of a 202: what the bus has, one entry for each ref. */
export interface Accepted {
  readonly accepted: readonly {
    readonly ref: string;
    readonly event_id: string;
    readonly correlation_id: string;
  }[];
}

/** Enough for a hundred refs. */
const GIT_BODY_LIMIT = 1024 * 1024;
/** GitHub: payloads are capped at 25 MB. */
const GITHUB_BODY_LIMIT = 25 * 1024 * 1024;

/**
 * The one public door, not listening yet: `POST /webhooks/git` and `POST /webhooks/github`, signed with HMAC-SHA256 over the
 * raw body, beside the house's health routes. What is not signed is refused before any of it is parsed, and nothing of it is kept.
 *
 * 202: the bus has it. 400 says what is wrong and where; 401; 413; 415. 503: the bus did not take it in time, send it again.
 * Throws a StartError where the secret is too short.
 */
export function createWebhook(options: WebhookOptions): FastifyInstance {
  const { secret, tenant, publisher, logger, ready = {}, clock = systemClock, publishLimitMs: limitMs = 900 } = options;
  if (secret.length < MIN_SECRET_LENGTH) {
    throw new StartError(`the webhook's secret is too short: give it ${MIN_SECRET_LENGTH} characters or more`);
  }
  const app = createApp({ service: "webhook", logger, ready });

  void app.register(async (door) => {
    requireSignature(door, secret);
    const note = answerRefusals(door, logger);

    const publish = async (request: FastifyRequest, pushes: readonly Push[]): Promise<Accepted> => {
      const events = await publishPushes(pushes, { tenant, publisher, clock, limitMs });
      note(request, { repository: pushes[0]?.repository, events: events.map(({ event_id }) => event_id) });
      return {
        accepted: events.map(({ data, event_id, correlation_id }) => ({ ref: data.ref, event_id, correlation_id })),
      };
    };

    door.post<{ Body: Buffer }>("/webhooks/git", { bodyLimit: GIT_BODY_LIMIT }, async (request, reply) =>
      reply.code(202).send(await publish(request, readGitPush(request.body))),
    );

    door.post<{ Body: Buffer }>("/webhooks/github", { bodyLimit: GITHUB_BODY_LIMIT }, async (request, reply) => {
      switch (request.headers["x-github-event"]) {
        case "push":
          return reply.code(202).send(await publish(request, [readGitHubPush(request.body)]));
        case "ping":
          return reply.code(200).send({ ping: "heard" });
        case undefined:
          throw new Refusal("invalid-body", "the X-GitHub-Event header is missing");
        default:
          return reply.code(202).send({ accepted: [], ignored: "only push events are heard here" });
      }
    });
  });
  return app;
}
