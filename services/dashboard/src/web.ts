import { createApp, type Logger, type ReadyCheck } from "@contextpilot/agent-host";
import { MessageError, parseStrictJson, systemClock, type Clock } from "@contextpilot/messaging";
import type { FastifyError, FastifyInstance, FastifyRequest } from "fastify";
import type { Access } from "./access/access.ts";
import { thisMachine } from "./access/this-machine.ts";
import {
  answerChain,
  answerDeadLetter,
  answerNudges,
  answerProposals,
  type ChainAnswer,
  type DeadLetterAnswer,
  type ErrorAnswer,
  type Nudge,
  type ProposalSummary,
} from "./answers.ts";
import { ApiError } from "./api-error.ts";
import { addFollowRoute, type Follow } from "./follow-events.ts";
import type { AskHandled } from "./handlings.ts";
import { addOperatorRoutes, type Operator } from "./operator/operator-routes.ts";
import {
  deadLettersQuery,
  eventsQuery,
  groupsQuery,
  nudgesQuery,
  pageQuery,
  proposalsQuery,
  readQuery,
  replaysQuery,
  tenantQuery,
} from "./queries.ts";
import type { Proposal } from "./proposals/proposal.ts";
import type { Chain, DeadLetterGroup, FiledDeadLetter, Page, ReadModel, SeenEvent } from "./read-model.ts";
import type { ReplayRun } from "./replays/replay-runs.ts";

export interface WebOptions {
  readonly readModel: ReadModel;
  readonly logger: Logger;
  /** For who asks for each event as it comes. Default: that is not served. */
  readonly follow?: Follow;
  /** Whose events are shown. Default: `default`. */
  readonly tenant?: string;
  /** Who may use it. Default: this machine, to read. */
  readonly access?: Access;
  /** What redrives, resends, discards and replays. Default: that is not served. */
  readonly operator?: Operator;
  /** What the services remember of a chain's events. Default: they cannot be asked, and a chain has no handlings. */
  readonly askHandled?: AskHandled;
  /** What `/health/ready` asks. Default: nothing, always ready. */
  readonly ready?: Readonly<Record<string, ReadyCheck>>;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * The people's door, not listening yet: JSON over GET, and no /events; what changes something is a POST by the operator. Lists are pages, the newest first; `next` of one is the
 * `cursor` of the following.
 */
export function createWeb({
  readModel,
  logger,
  follow,
  tenant: own = "default",
  access = thisMachine(),
  operator,
  askHandled,
  ready = {},
  clock = systemClock,
}: WebOptions): FastifyInstance {
  const app = createApp({ service: "dashboard", logger, ready });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    try {
      await access.letIn(request);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      const { code, status, message } = thrown;
      // The body is not read, so the connection cannot be used again.
      return reply.header("connection", "close").code(status).send({ error: { code, message } });
    }
  });

  /** Another tenant than our own is shown to the operator alone. */
  const tenantOf = (request: FastifyRequest, wanted = own): string => {
    if (wanted !== own && operator === undefined) throw new ApiError("not-found", "only one tenant is shown here");
    if (wanted !== own) access.requireOperator(request);
    return wanted;
  };

  void app.register(
    async (api) => {
      answerErrors(api, logger);
      readStrictJson(api);

      api.get("/chains", ({ query }): Promise<Page<Chain>> =>
        readModel.chains({ tenant_id: own, ...readQuery(pageQuery, query) }),
      );

      api.get<{ Params: { id: string } }>("/chains/:id", async ({ params, query }): Promise<ChainAnswer> => {
        const page = readQuery(pageQuery, query);
        const answer = await answerChain(
          { readModel, askHandled, clock },
          { tenant_id: own, correlation_id: params.id, ...page },
        );
        return answer ?? notFound("no such chain");
      });

      api.get("/events", ({ query }): Promise<Page<SeenEvent>> =>
        readModel.events({ tenant_id: own, ...readQuery(eventsQuery, query) }),
      );

      if (follow !== undefined) addFollowRoute(api, { follow, tenant: own });

      api.get("/nudges", async ({ query }): Promise<Page<Nudge>> => {
        const wanted = readQuery(nudgesQuery, query);
        return answerNudges(await readModel.events({ tenant_id: own, type: "coach.nudge", ...wanted }));
      });

      api.get("/proposals", async ({ query }): Promise<Page<ProposalSummary>> =>
        answerProposals(await readModel.proposals({ tenant_id: own, ...readQuery(proposalsQuery, query) })),
      );

      api.get<{ Params: { id: string } }>("/proposals/:id", async ({ params }): Promise<Proposal> => {
        return (await readModel.proposal(own, params.id)) ?? notFound("no such proposal");
      });

      api.get("/dead-letters", (request): Promise<Page<FiledDeadLetter>> => {
        const { group: group_id, tenant, ...wanted } = readQuery(deadLettersQuery, request.query);
        return readModel.deadLetters({ tenant_id: tenantOf(request, tenant), group_id, ...wanted });
      });

      api.get("/dead-letters/groups", (request): Promise<Page<DeadLetterGroup>> => {
        const { open, tenant, ...wanted } = readQuery(groupsQuery, request.query);
        return readModel.deadLetterGroups({ tenant_id: tenantOf(request, tenant), open: open === "true", ...wanted });
      });

      api.get<{ Params: { id: string } }>("/dead-letters/:id", async (request): Promise<DeadLetterAnswer> => {
        const tenant_id = tenantOf(request, readQuery(tenantQuery, request.query).tenant);
        const answer = await answerDeadLetter(readModel, tenant_id, request.params.id);
        return answer ?? notFound("no such dead letter");
      });

      if (operator === undefined) return;
      api.get("/replays", (request): Promise<Page<ReplayRun>> => {
        const { tenant, ...wanted } = readQuery(replaysQuery, request.query);
        return operator.replays.runs({ tenant_id: tenantOf(request, tenant), ...wanted });
      });
      await api.register(async (changes) => addOperatorRoutes(changes, operator, { access, tenant: own }));
    },
    { prefix: "/api" },
  );
  return app;
}

function notFound(message: string): never {
  throw new ApiError("not-found", message);
}

/** Bodies are read as strictly as messages, and nothing but JSON is: a form of another site's page is none. */
function readStrictJson(api: FastifyInstance): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (_request: FastifyRequest, body: Buffer) => {
      try {
        return parseStrictJson(body);
      } catch (thrown) {
        throw new ApiError("invalid-body", `the body: ${MessageError.from(thrown).message}`);
      }
    },
  );
}

function answerErrors(api: FastifyInstance, logger: Logger): void {
  api.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = apiErrorOf(thrown);
    const { code, status, message } = error;
    if (thrown !== error && status >= 500) {
      logger.error({ route: request.routeOptions.url, err: thrown }, "request failed");
    }
    if (code === "no-token") void reply.header("www-authenticate", "Bearer");
    return reply.code(status).send({ error: { code, message } } satisfies ErrorAnswer);
  });
  api.setNotFoundHandler(() => notFound("no such page"));
}

/** What Fastify refuses by itself is a fault of the request, anything else one of ours. */
function apiErrorOf(thrown: FastifyError | ApiError): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (isOfTheStore(thrown)) {
    return new ApiError("unavailable", "what is kept cannot be reached now: the log says why");
  }
  if (thrown.statusCode === 413) return new ApiError("too-large", "the body is over 16 MiB");
  if (thrown.statusCode === 415) return new ApiError("not-json", "the body must be application/json");
  if (thrown.statusCode === 400) return new ApiError("invalid-body", "the body cannot be read");
  return new ApiError("internal", "something failed here: the log says what");
}

const isOfTheStore = (thrown: Error): boolean => thrown instanceof MessageError && thrown.code === "store-failed";
