import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JSONWebKeySet } from "jose";
import { systemClock, type Clock } from "@contextpilot/messaging";
import type { TokenSource } from "./http-push.ts";

export interface LocalIssuerOptions {
  /** The token's `iss`. The keys are to be served at `<issuer>/.well-known/jwks.json`. */
  readonly issuer: string;
  readonly clock?: Clock;
}

interface Identity {
  readonly audience: string;
  readonly serviceAccount: string;
}

/** Google's: an hour. A token is replaced five minutes before its end, so that the clocks on its way may differ. */
const LIFETIME_SECONDS = 3600;
const REPLACED_BEFORE_SECONDS = 300;

/**
 * Signs push tokens like Google's: RS256, with `iss`, `aud`, `azp`, `sub`, `email`, `email_verified`, `iat` and `exp`. The key is
 * made beside the start (some 100 ms in another thread), lives in memory and ends with the process.
 */
export class LocalIssuer implements TokenSource {
  readonly issuer: string;
  readonly #clock: Clock;
  readonly #key = makeKey();
  readonly #tokens = new Map<
    string,
    { readonly token: Promise<string>; readonly from: number; readonly until: number }
  >();

  constructor({ issuer, clock = systemClock }: LocalIssuerOptions) {
    this.issuer = issuer;
    this.#clock = clock;
    // Whoever asks for a token or for the keys hears of it.
    this.#key.catch(() => {});
  }

  /** A token for pushes of that service account to that audience; the same one until five minutes before it ends. */
  token(identity: Identity): Promise<string> {
    const now = Math.floor(this.#clock.now().getTime() / 1000);
    const name = JSON.stringify([identity.audience, identity.serviceAccount]);
    const known = this.#tokens.get(name);
    // A clock that was set back has left a token of the future.
    if (known !== undefined && known.from <= now && now < known.until) return known.token;
    const token = this.#sign(identity, now);
    this.#tokens.set(name, { token, from: now, until: now + LIFETIME_SECONDS - REPLACED_BEFORE_SECONDS });
    token.catch(() => this.#tokens.delete(name));
    return token;
  }

  /** The public keys. */
  async jwks(): Promise<JSONWebKeySet> {
    return { keys: [(await this.#key).publicJwk] };
  }

  async #sign({ audience, serviceAccount }: Identity, now: number): Promise<string> {
    const { privateKey, publicJwk } = await this.#key;
    return await new SignJWT({ azp: serviceAccount, email: serviceAccount, email_verified: true })
      .setProtectedHeader({ alg: "RS256", kid: publicJwk.kid, typ: "JWT" })
      .setIssuer(this.issuer)
      .setAudience(audience)
      .setSubject(serviceAccount)
      .setIssuedAt(now)
      .setExpirationTime(now + LIFETIME_SECONDS)
      .sign(privateKey);
  }
}

async function makeKey() {
  const { publicKey, privateKey }: { publicKey: CryptoKey; privateKey: CryptoKey } = await generateKeyPair("RS256");
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, publicJwk: { ...jwk, kid, alg: "RS256", use: "sig" } };
}
