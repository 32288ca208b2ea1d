import type { Clock } from "@contextpilot/messaging";
import { createRemoteJWKSet, errors, type CryptoKey } from "jose";
import type { Algorithm } from "./signed-token.ts";
import { TokenRefusal } from "./token-refusal.ts";

/** Keys older than this are fetched again before they are used; should that fail, they serve on for a while. */
const MAX_AGE_MS = 10 * 60_000;
/** An issuer that cannot be asked for longer than this may have taken its keys back: nothing is let in by them any more. */
const MAX_STALE_MS = 6 * 60 * 60_000;
/** An unknown key id fetches again, but not more often than this: anyone can make up key ids. */
const UNKNOWN_KEY_PAUSE_MS = 30_000;
/** After a fetch that failed, the next waits this long. */
const FAILED_FETCH_PAUSE_MS = 1_000;
const FETCH_TIMEOUT_MS = 3_000;

/** Finds the issuer's public key by its id. Rejects with a TokenRefusal: `unknown-key` or `keys-unavailable`. */
export type SigningKeys = (keyId: string) => Promise<CryptoKey>;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** The keys at a JWKS address, fetched when first needed and kept. */
export function signingKeys(url: string, algorithm: Algorithm, clock: Clock): SigningKeys {
  // When to fetch is decided here: jose neither serves old keys when a fetch fails nor pauses after one.
  // Made at the first token: it loads Node's fetch, 20 ms that no start waits for.
  let keySet: KeySet | undefined;
  const keysOf = (): KeySet =>
    (keySet ??= createRemoteJWKSet(new URL(url), {
      timeoutDuration: FETCH_TIMEOUT_MS,
      cacheMaxAge: Infinity,
      cooldownDuration: Infinity,
    }));
  let fetchedAt = -Infinity;
  let failedAt = -Infinity;
  const now = (): number => clock.now().getTime();

  async function fetchKeys(): Promise<boolean> {
    if (now() - failedAt < FAILED_FETCH_PAUSE_MS) return false;
    try {
      await keysOf().reload();
      fetchedAt = now();
      return true;
    } catch {
      failedAt = now();
      return false;
    }
  }

  async function find(keyId: string): Promise<CryptoKey | undefined> {
    try {
      return await keysOf()({ alg: algorithm, kid: keyId });
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      // A key that cannot be read, or two with one id: the issuer's fault, not the token's.
      throw new TokenRefusal("keys-unavailable");
    }
  }

  return async (keyId) => {
    const old = now() - fetchedAt >= MAX_AGE_MS;
    if (old && !(await fetchKeys()) && now() - fetchedAt >= MAX_STALE_MS) throw new TokenRefusal("keys-unavailable");
    const key = await find(keyId);
    if (key !== undefined) return key;
    if (now() - fetchedAt < UNKNOWN_KEY_PAUSE_MS) throw new TokenRefusal("unknown-key");
    if (!(await fetchKeys())) throw new TokenRefusal("keys-unavailable");
    const rotated = await find(keyId);
    if (rotated === undefined) throw new TokenRefusal("unknown-key");
    return rotated;
  };
}
