import { systemClock, type Clock } from "@contextpilot/messaging";
import { readToken, verifySignature } from "./signed-token.ts";
import { signingKeys } from "./signing-keys.ts";
import { checkToken } from "./token-claims.ts";
import { TokenRefusal } from "./token-refusal.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** The header in which Google's identity-aware proxy says who asks. https://cloud.google.com/iap/docs/signed-headers-howto */
export const ASSERTION_HEADER = "x-goog-iap-jwt-assertion";
const ISSUER = "https://cloud.google.com/iap";
/** The proxy's assertions live ten minutes, and a clock's tolerance at both ends. */
const MAX_LIFETIME_S = 600 + 30;

export interface PersonAuthConfig {
  /** What the proxy's assertions name as their audience: the one service that it stands before. */
  readonly audience: string;
  /** Where the proxy's public keys are. */
  readonly jwksUrl: string;
}

/** Somebody whom the proxy has let in. */
export interface Person {
  readonly email: string;
}

/** Tells who asks by the values of the assertion headers, all of them. Rejects with a TokenRefusal. */
export type AuthenticatePerson = (assertions: readonly string[]) => Promise<Person>;

/**
 * Believes exactly one assertion of the identity-aware proxy: ES256, by the proxy's keys, for this audience. It is read and judged
 * as strictly as a push's token, and remembered until it expires. Throws a TypeError where the audience is empty.
 */
export function personAuthenticator(
  { audience, jwksUrl }: PersonAuthConfig,
  clock: Clock = systemClock,
): AuthenticatePerson {
  if (audience === "") throw new TypeError("the identity-aware proxy's assertions need an audience");
  const keys = signingKeys(jwksUrl, "ES256", clock);
  const seconds = (): number => clock.now().getTime() / 1000;
  const verified = new VerifiedTokens<Person>(seconds);

  return async ([assertion, ...more]) => {
    if (assertion === undefined) throw new TokenRefusal("no-token");
    if (more.length > 0) throw new TokenRefusal("several-assertions");
    const known = verified.get(assertion);
    if (known !== undefined) return known;
    const token = readToken(assertion, "ES256");
    await verifySignature(token, keys, "ES256");
    const { email, until } = checkToken(token.claims, { issuers: [ISSUER], audience }, MAX_LIFETIME_S, seconds());
    if (typeof email !== "string" || email === "") throw new TokenRefusal("no-person");
    const person = { email };
    verified.remember(assertion, person, until);
    return person;
  };
}
