import { systemClock, type Clock } from "@contextpilot/messaging";
import { compactVerify } from "jose";
import { checkClaims, type ExpectedClaims } from "./push-claims.ts";
import { PushRefusal } from "./push-refusal.ts";
import { readPushToken, type PushToken } from "./push-token.ts";
import { signingKeys, type SigningKeys } from "./signing-keys.ts";

/** Tokens remembered at once. A bus uses one or two an hour; more only costs them a second verification. */
const MAX_REMEMBERED = 1_000;

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
) => PushRefusal | undefined | Promise<PushRefusal | undefined>;

/**
 * Lets in pushes that carry exactly one valid bearer token of a listed service account. Verified tokens are remembered until
 * they expire. There is no mode without tokens: throws a TypeError where audience, issuers or accounts are empty.
 */
export function pushAuthenticator(config: PushAuthConfig, clock: Clock = systemClock): Authenticate {
  if (config.audience === "" || config.issuers.length === 0 || config.serviceAccounts.length === 0) {
    throw new TypeError("push authentication needs an audience, an issuer and a service account");
  }
  const keys = config.mode === "app" ? signingKeys(config.jwksUrl, clock) : undefined;
  const validUntil = new Map<string, number>();
  const seconds = (): number => clock.now().getTime() / 1000;

  async function verify(authorization: string): Promise<PushRefusal | undefined> {
    try {
      const token = readPushToken(authorization);
      if (keys !== undefined) await verifySignature(token, keys);
      const until = checkClaims(token.claims, config, seconds());
      if (validUntil.size >= MAX_REMEMBERED) forgetOldest(validUntil);
      validUntil.set(authorization, until);
      return undefined;
    } catch (error) {
      if (error instanceof PushRefusal) return error;
      throw error;
    }
  }

  return (headers) => {
    const [authorization] = headers;
    if (authorization === undefined) return new PushRefusal("no-token");
    if (headers.length > 1) return new PushRefusal("several-authorization-headers");
    const until = validUntil.get(authorization);
    if (until !== undefined && seconds() < until) return undefined;
    validUntil.delete(authorization);
    return verify(authorization);
  };
}

async function verifySignature(token: PushToken, keys: SigningKeys): Promise<void> {
  if (token.signatureRemoved) throw new PushRefusal("signature-removed");
  const key = await keys(token.keyId);
  try {
    await compactVerify(token.compact, key, { algorithms: ["RS256"] });
  } catch {
    throw new PushRefusal("bad-signature");
  }
}

function forgetOldest(remembered: Map<string, unknown>): void {
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    return;
  }
}
