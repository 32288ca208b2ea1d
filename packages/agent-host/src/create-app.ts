import { STATUS_CODES } from "node:http";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import { addHealth, type ReadyChecks } from "./health.ts";
import type { Logger } from "./logging.ts";

/** Pub/Sub: 10 MB of data a message at most, a third more as base64, and attributes. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Google's front end and Cloud Run add some twenty to a request. */
const MAX_HEADERS = 100;
/** A request that has not come in whole by then is cut off: slow senders hold a connection, and memory. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than the 60 s of usual balancers, so that it is they who close a connection and never we under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** An id in a path: 128 characters, each of up to nine where it is percent-encoded. Fastify's own limit is 100. */
const MAX_PARAM_LENGTH = 128 * 9;

export interface AppOptions {
  readonly service: string;
  readonly logger: Logger;
  /** What `/health/ready` asks. Default: nothing, always ready. */
  readonly ready?: ReadyChecks;
  /** How long a request may take to come in, its headers half of that; then it is answered 408. Default: 10,000. */
  readonly requestTimeoutMs?: number;
}

/**
 * A service's listener, not listening yet: limits, health, and short JSON answers to what it does not know. It logs no
 * requests by itself. Past 100 headers, or 16 KiB of them: 431. `close()` refuses new requests with 503, lets running ones end, and closes idle connections.
 */
export function createApp(options: AppOptions): FastifyInstance {
  const { service, logger, ready = {}, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // Fastify's own answer to a path that it cannot read would give the path back, whatever its length.
    frameworkErrors: ({ statusCode: status = 400 }, _request, reply: FastifyReply) => {
      void reply.code(status).send({ error: STATUS_CODES[status] });
    },
    // Node looks for late requests every 30 s unless told otherwise.
    http: { headersTimeout: requestTimeoutMs / 2, connectionsCheckingInterval: requestTimeoutMs / 10 },
  });
  app.server.maxHeadersCount = MAX_HEADERS;
  app.addHook("preClose", async () => {
    // "idle" closes what is idle when the closing begins; what becomes so later would be kept alive, and the closing with it.
    app.server.keepAliveTimeout = 1;
    app.server.keepAliveTimeoutBuffer = 0;
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: STATUS_CODES[404] }));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status =
      error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    const route = request.routeOptions.url;
    if (status === 500) logger.error({ route, status, err: error }, "request failed");
    else logger.warn({ route, status, reason: error.code }, "request refused");
    // The rest of a refused body is not read, so the connection cannot be used again.
    return reply.header("connection", "close").code(status).send({ error: STATUS_CODES[status] });
  });
  addHealth(app, service, ready, logger);
  return app;
}
