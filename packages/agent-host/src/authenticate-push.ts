import { systemClock, type Clock } from "@contextpilot/messaging";
import { checkClaims, type ExpectedClaims } from "./push-claims.ts";
import { TokenRefusal } from "./token-refusal.ts";
import { readPushToken, verifySignature } from "./signed-token.ts";
import { signingKeys } from "./signing-keys.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

export interface PushAuthConfig extends ExpectedClaims {
  /**
   * `app`: the signature is verified here. `platform`: Cloud Run's IAM has verified it, and may have taken it away; only the
   * claims are checked here. Never `platform` where anyone but Cloud Run can reach the listener.
   */
  readonly mode: "app" | "platform";
  /** Where the issuer's public keys are; not asked in `platform` mode. */
  readonly jwksUrl: string;
}

/**
 * Decides over a push by its Authorization headers, all of them: undefined lets it in. Answers at once where the token is
 * remembered.
 */
export type Authenticate = (
  authorization: readonly string[],
) => TokenRefusal | undefined | Promise<TokenRefusal | undefined>;

/**
 * Lets in pushes that carry exactly one valid bearer token of a listed service account. Verified tokens are remembered until
 * they expire. There is no mode without tokens: throws a TypeError where audience, issuers or accounts are empty.
 */
export function pushAuthenticator(config: PushAuthConfig, clock: Clock = systemClock): Authenticate {
  if (config.audience === "" || config.issuers.length === 0 || config.serviceAccounts.length === 0) {
    throw new TypeError("push authentication needs an audience, an issuer and a service account");
  }
  const keys = config.mode === "app" ? signingKeys(config.jwksUrl, "RS256", clock) : undefined;
  const seconds = (): number => clock.now().getTime() / 1000;
  const verified = new VerifiedTokens<true>(seconds);

  async function verify(authorization: string): Promise<TokenRefusal | undefined> {
    try {
      const token = readPushToken(authorization);
      if (keys !== undefined) await verifySignature(token, keys, "RS256");
      verified.remember(authorization, true, checkClaims(token.claims, config, seconds()));
      return undefined;
    } catch (error) {
      if (error instanceof TokenRefusal) return error;
      throw error;
    }
  }

  return (headers) => {
    const [authorization] = headers;
    if (authorization === undefined) return new TokenRefusal("no-token");
    if (headers.length > 1) return new TokenRefusal("several-authorization-headers");
    return verified.get(authorization) ? undefined : verify(authorization);
  };
}
