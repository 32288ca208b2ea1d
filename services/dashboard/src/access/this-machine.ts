import { hash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";
import type { Access } from "./access.ts";

/** Names of this machine, with any port. */
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/**
 * Asks nobody who they are, and so is for this machine alone: whoever serves it listens on 127.0.0.1, or is published there. A name
 * that is not this machine's in the Host header is refused, so that no web page can get at it by letting its own name point here.
 * To change something takes the token; without one nobody may. `by` is taken as it is said.
 */
export function thisMachine({ token }: { readonly token?: string | undefined } = {}): Access {
  return {
    letIn: async ({ headers }) => {
      if (LOCAL_HOST.test(headers.host ?? "")) return;
      throw new ApiError("wrong-host", "only localhost, 127.0.0.1 and [::1] are served");
    },
    requireOperator: ({ headers }) => {
      requireOwnPage(headers, "http");
      const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
      if (given === undefined || token === undefined || !isSame(given, token)) {
        throw new ApiError(
          "no-token",
          "this needs the house's API token: Authorization: Bearer <api_token of secrets.json>",
        );
      }
    },
    deciderOf: (_request, by) => {
      if (by === undefined) throw new ApiError("invalid-body", "by: say who decides");
      return by;
    },
  };
}

/** No web page but our own may change anything: one in a person's browser could reach this door too. Throws an ApiError. */
export function requireOwnPage({ origin, host }: FastifyRequest["headers"], scheme: "http" | "https"): void {
  if (origin !== undefined && origin !== `${scheme}://${host}`) {
    throw new ApiError("wrong-origin", "other sites' pages are not served");
  }
}

/** In a time that tells nothing of how much of it is right. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(hash("sha256", given, "buffer"), hash("sha256", token, "buffer"));
}
