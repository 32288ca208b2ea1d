import * as z from "zod";
import { TokenRefusal } from "./token-refusal.ts";

/** How far the issuer's clock and ours may be apart, in seconds. */
const CLOCK_TOLERANCE_S = 30;

export interface ExpectedToken {
  /** `iss` is one of these. */
  readonly issuers: readonly string[];
  /** `aud` is exactly this string. */
  readonly audience: string;
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

/** Claims that hold, and the moment from which they do not any more: seconds since the epoch. */
export interface CheckedClaims {
  readonly email: unknown;
  readonly email_verified: unknown;
  readonly until: number;
}

/** Checks who a token is by and for, and its times at `now` (seconds since the epoch). Throws a TokenRefusal. */
export function checkToken(
  value: unknown,
  { issuers, audience }: ExpectedToken,
  maxLifetimeS: number,
  now: number,
): CheckedClaims {
  const parsed = claimsSchema.safeParse(value);
  if (!parsed.success) throw new TokenRefusal("invalid-claims");
  const { iss, aud, iat, exp, nbf, email, email_verified } = parsed.data;
  if (!issuers.includes(iss)) throw new TokenRefusal("wrong-issuer");
  if (aud !== audience) throw new TokenRefusal("wrong-audience");
  if (now >= exp + CLOCK_TOLERANCE_S) throw new TokenRefusal("expired");
  if (Math.max(iat, nbf ?? iat) > now + CLOCK_TOLERANCE_S) throw new TokenRefusal("not-valid-yet");
  if (exp - iat > maxLifetimeS + CLOCK_TOLERANCE_S) throw new TokenRefusal("lifetime-too-long");
  return { email, email_verified, until: exp + CLOCK_TOLERANCE_S };
}
