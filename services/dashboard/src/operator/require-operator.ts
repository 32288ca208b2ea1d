import { hash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";

/**
 * Lets only a holder of the token on, and no web page but our own: a page in a person's browser could reach this machine's
 * doors too. Throws an ApiError.
 */
export function requireOperator({ headers }: Pick<FastifyRequest, "headers">, token: string): void {
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) {
    throw new ApiError("wrong-origin", "other sites' pages are not served");
  }
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (given === undefined || !isSame(given, token)) {
    throw new ApiError(
      "no-token",
      "this needs the house's API token: Authorization: Bearer <api_token of secrets.json>",
    );
  }
}

/** In a time that tells nothing of how much of it is right. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(hash("sha256", given, "buffer"), hash("sha256", token, "buffer"));
}
