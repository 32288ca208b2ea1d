import {
  ASSERTION_HEADER,
  TokenRefusal,
  type AuthenticatePerson,
  type Logger,
  type Person,
} from "@contextpilot/agent-host";
import type { FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";
import type { Access } from "./access.ts";
import { requireOwnPage } from "./this-machine.ts";

/** Asked by the platform itself, past the proxy; they say ready or not, and no more. */
const HEALTH = /^\/health\/(?:live|ready)$/;

/**
 * For whom the identity-aware proxy has let in: each request carries its word for who asks, which is verified here again. All of
 * them may read and decide; who decides is the person of that word, whatever the body says.
 */
export function behindProxy(authenticate: AuthenticatePerson, logger: Logger): Access {
  const people = new WeakMap<FastifyRequest, Person>();
  const personOf = (request: FastifyRequest): Person => {
    const person = people.get(request);
    if (person === undefined) throw new ApiError("no-person", "the identity-aware proxy does not say who asks");
    return person;
  };
  return {
    letIn: async (request) => {
      if (HEALTH.test(request.routeOptions.url ?? "")) return;
      try {
        people.set(request, await authenticate(assertionsIn(request.raw.rawHeaders)));
      } catch (refusal) {
        if (!(refusal instanceof TokenRefusal)) throw refusal;
        logger.warn({ status: refusal.status, reason: refusal.reason, security: true }, "person refused");
        if (refusal.status === 503) throw new ApiError("unavailable", "the identity-aware proxy's keys cannot be had");
        throw new ApiError("no-person", "the identity-aware proxy does not say who asks");
      }
    },
    requireOperator: (request) => {
      requireOwnPage(request.headers, "https");
      personOf(request);
    },
    deciderOf: (request, by) => {
      const { email } = personOf(request);
      if (by !== undefined && by !== email) {
        throw new ApiError("invalid-body", `by: leave it out, it is ${email} who decides`);
      }
      return email;
    },
  };
}

/** Every assertion: `headers` joins them, and two are not one. */
function assertionsIn(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === ASSERTION_HEADER);
}
