import { checkToken, type ExpectedToken } from "./token-claims.ts";
import { TokenRefusal } from "./token-refusal.ts";

/** Google's OIDC tokens live an hour. */
const MAX_LIFETIME_S = 3600;

/** Whose tokens are let in. */
export interface ExpectedClaims extends ExpectedToken {
  /** `email` is one of these, and verified. */
  readonly serviceAccounts: readonly string[];
}

/**
 * Checks a push token's claims at `now` (seconds since the epoch) and gives the moment from which the token is not valid any more,
 * in the same unit. Throws a TokenRefusal; `wrong-account` only where everything else is right.
 */
export function checkClaims(value: unknown, expected: ExpectedClaims, now: number): number {
  const { email, email_verified, until } = checkToken(value, expected, MAX_LIFETIME_S, now);
  const known = typeof email === "string" && expected.serviceAccounts.includes(email);
  if (!known || email_verified !== true) throw new TokenRefusal("wrong-account");
  return until;
}
