import type { Logger } from "@contextpilot/agent-host";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Refusal } from "./refusal.ts";

/**
 * Answers what this scope refuses with `{ error: { code, message } }`, and logs one line a request: the route, the status,
 * how long it took, the reason or what was said; nothing of headers and bodies that nobody signed.
 *
 * @returns notes what was said with a request, for its line
 */
export function answerRefusals(door: FastifyInstance, logger: Logger): (request: FastifyRequest, said: object) => void {
  const notes = new WeakMap<FastifyRequest, object>();

  door.setErrorHandler((thrown, request, reply) => {
    const refusal = Refusal.from(thrown);
    const { status, code, message, cause } = refusal;
    notes.set(request, { code, reason: message, ...(status >= 500 ? { err: cause } : {}) });
    if (status === 503) reply.header("retry-after", "1");
    return reply.code(status).send({ error: { code, message } });
  });

  door.addHook("onResponse", async (request, reply) => {
    const status = reply.statusCode;
    const level = status >= 500 ? "error" : status >= 400 ? "warn" : "info";
    const ms = Math.round(reply.elapsedTime);
    logger[level](
      { route: request.routeOptions.url, status, ms, ...notes.get(request) },
      `webhook ${level === "info" ? "taken" : "refused"}`,
    );
  });

  return (request, said) => notes.set(request, said);
}
