import { createApp, type Logger } from "@contextpilot/agent-host";
import type { FastifyInstance } from "fastify";
import {
  answerChain,
  answerNudges,
  type ChainAnswer,
  type DeadLetterAnswer,
  type ErrorAnswer,
  type Nudge,
} from "./answers.ts";
import { ApiError } from "./api-error.ts";
import { eventsQuery, nudgesQuery, pageQuery, readQuery } from "./queries.ts";
import type { Chain, DeadLetter, Page, ReadModel, SeenEvent } from "./read-model.ts";

export interface WebOptions {
  readonly readModel: ReadModel;
  readonly logger: Logger;
  /** Whose events are shown. Default: `default`. */
  readonly tenant?: string;
}

/** Names of this machine, with any port. */
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/**
 * The people's door, not listening yet: JSON over GET, and no /events. Lists are pages, the newest first; `next` of one is the
 * `cursor` of the following.
 *
 * It asks nobody who they are, and so is for this machine alone: whoever serves it listens on 127.0.0.1. A name that is not
 * this machine's in the Host header is refused, so that no web page can get at it by letting its own name point here.
 */
export function createWeb({ readModel, logger, tenant: tenant_id = "default" }: WebOptions): FastifyInstance {
  const app = createApp({ service: "dashboard", logger });
  app.addHook("onRequest", async ({ headers }, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    if (LOCAL_HOST.test(headers.host ?? "")) return;
    const { code, status, message } = new ApiError("wrong-host", "only localhost, 127.0.0.1 and [::1] are served");
    return reply.code(status).send({ error: { code, message } });
  });

  void app.register(
    async (api) => {
      answerErrors(api, logger);

      api.get("/chains", ({ query }): Promise<Page<Chain>> =>
        readModel.chains({ tenant_id, ...readQuery(pageQuery, query) }),
      );

      api.get<{ Params: { id: string } }>("/chains/:id", async ({ params, query }): Promise<ChainAnswer> => {
        const page = readQuery(pageQuery, query);
        const answer = await answerChain(readModel, { tenant_id, correlation_id: params.id, ...page });
        return answer ?? notFound("no such chain");
      });

      api.get("/events", ({ query }): Promise<Page<SeenEvent>> =>
        readModel.events({ tenant_id, ...readQuery(eventsQuery, query) }),
      );

      api.get("/nudges", async ({ query }): Promise<Page<Nudge>> => {
        const wanted = readQuery(nudgesQuery, query);
        return answerNudges(await readModel.events({ tenant_id, type: "coach.nudge", ...wanted }));
      });

      api.get("/dead-letters", ({ query }): Promise<Page<DeadLetter>> =>
        readModel.deadLetters({ tenant_id, ...readQuery(pageQuery, query) }),
      );

      api.get<{ Params: { id: string } }>("/dead-letters/:id", async ({ params }): Promise<DeadLetterAnswer> => {
        const found = await readModel.deadLetter(tenant_id, params.id);
        if (found === undefined) return notFound("no such dead letter");
        return { ...found.deadLetter, data_base64: Buffer.from(found.data).toString("base64") };
      });
    },
    { prefix: "/api" },
  );
  return app;
}

function notFound(message: string): never {
  throw new ApiError("not-found", message);
}

function answerErrors(api: FastifyInstance, logger: Logger): void {
  api.setErrorHandler((thrown, request, reply) => {
    const known = thrown instanceof ApiError;
    if (!known) logger.error({ route: request.routeOptions.url, err: thrown }, "request failed");
    const { code, status, message } = known
      ? thrown
      : new ApiError("internal", "something failed here: the log says what");
    return reply.code(status).send({ error: { code, message } } satisfies ErrorAnswer);
  });
  api.setNotFoundHandler(() => notFound("no such page"));
}
