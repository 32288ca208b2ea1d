import { z } from "zod";
import { PushRefusal } from "./push-refusal.ts";

/** How far the issuer's clock and ours may be apart, in seconds. */
export const CLOCK_TOLERANCE_S = 30;
/** Google's OIDC tokens live an hour. */
export const MAX_LIFETIME_S = 3600;

/** Whose tokens are let in. */
export interface ExpectedClaims {
  /** `iss` is one of these. */
  readonly issuers: readonly string[];
  /** `aud` is exactly this string. */
  readonly audience: string;
  /** `email` is one of these, and verified. */
  readonly serviceAccounts: readonly string[];
}

const claimsSchema = z.looseObject({
  iss: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
  nbf: z.number().optional(),
  email: z.unknown().optional(),
  email_verified: z.unknown().optional(),
});

/**
 * Checks a token's claims at `now` (seconds since the epoch) and gives the moment from which the token is not valid any more,
 * in the same unit. Throws a PushRefusal; `wrong-account` only where everything else is right.
 */
export function checkClaims(value: unknown, expected: ExpectedClaims, now: number): number {
  const parsed = claimsSchema.safeParse(value);
  if (!parsed.success) throw new PushRefusal("invalid-claims");
  const { iss, aud, iat, exp, nbf, email, email_verified } = parsed.data;
  if (!expected.issuers.includes(iss)) throw new PushRefusal("wrong-issuer");
  if (aud !== expected.audience) throw new PushRefusal("wrong-audience");
  if (now >= exp + CLOCK_TOLERANCE_S) throw new PushRefusal("expired");
  if (Math.max(iat, nbf ?? iat) > now + CLOCK_TOLERANCE_S) throw new PushRefusal("not-valid-yet");
  if (exp - iat > MAX_LIFETIME_S + CLOCK_TOLERANCE_S) throw new PushRefusal("lifetime-too-long");
  const known = typeof email === "string" && expected.serviceAccounts.includes(email);
  if (!known || email_verified !== true) throw new PushRefusal("wrong-account");
  return exp + CLOCK_TOLERANCE_S;
}
