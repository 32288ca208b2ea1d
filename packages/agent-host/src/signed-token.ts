import { parseStrictJson } from "@contextpilot/messaging";
import { compactVerify } from "jose";
import * as z from "zod";
import type { SigningKeys } from "./signing-keys.ts";
import { TokenRefusal } from "./token-refusal.ts";

/** What Cloud Run puts in the signature's place when it has verified a token itself. */
const REMOVED_SIGNATURE = "SIGNATURE_REMOVED_BY_GOOGLE";

/** What the house's issuers sign with: Google's push tokens, and the identity-aware proxy's assertions. */
export type Algorithm = "RS256" | "ES256";

/** A token, read strictly and not yet believed. */
export interface SignedToken {
  /** `header.payload.signature` */
  readonly compact: string;
  readonly keyId: string;
  readonly claims: unknown;
  readonly signatureRemoved: boolean;
}

const BEARER = /^bearer /i;
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

const header = z.looseObject({ alg: z.unknown(), kid: z.unknown().optional(), crit: z.unknown().optional() });

/** Reads the value of an Authorization header: `Bearer`, one space, a token signed with RS256. Throws a TokenRefusal. */
export function readPushToken(authorization: string): SignedToken {
  if (!BEARER.test(authorization)) throw new TokenRefusal("not-a-bearer-token");
  return readToken(authorization.replace(BEARER, ""), "RS256");
}

/**
 * Reads a compact JWS. What two readers could read in two ways is refused: other algorithms, base64url with padding or loose
 * last bits, the same key twice in an object, `crit`. Throws a TokenRefusal.
 */
export function readToken(text: string, algorithm: Algorithm): SignedToken {
  const [, head, payload, signature] = COMPACT.exec(text) ?? [];
  if (head === undefined || payload === undefined || signature === undefined) throw new TokenRefusal("malformed-token");
  const signatureRemoved = signature === REMOVED_SIGNATURE;
  if (!signatureRemoved) decodeBase64Url(signature);
  return {
    compact: text,
    keyId: keyIdOf(parseJson(head), algorithm),
    claims: parseJson(payload),
    signatureRemoved,
  };
}

/** Believes a token by the key that it names, or throws a TokenRefusal. */
export async function verifySignature(token: SignedToken, keys: SigningKeys, algorithm: Algorithm): Promise<void> {
  if (token.signatureRemoved) throw new TokenRefusal("signature-removed");
  const key = await keys(token.keyId);
  try {
    await compactVerify(token.compact, key, { algorithms: [algorithm] });
  } catch {
    throw new TokenRefusal("bad-signature");
  }
}

function keyIdOf(value: unknown, algorithm: Algorithm): string {
  const parsed = header.safeParse(value);
  if (!parsed.success) throw new TokenRefusal("malformed-token");
  const { alg, kid, crit } = parsed.data;
  if (alg !== algorithm) throw new TokenRefusal("wrong-algorithm");
  if (crit !== undefined) throw new TokenRefusal("critical-header");
  if (typeof kid !== "string" || kid === "") throw new TokenRefusal("no-key-id");
  return kid;
}

function parseJson(part: string): unknown {
  const bytes = decodeBase64Url(part);
  try {
    return parseStrictJson(bytes);
  } catch {
    // The cause quotes the token: it ends here.
    throw new TokenRefusal("malformed-token");
  }
}

/** Buffer reads almost anything as base64url; only what it would write itself is canonical. */
function decodeBase64Url(part: string): Uint8Array {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new TokenRefusal("malformed-token");
  return bytes;
}
