import { parseStrictJson } from "@contextpilot/messaging";
import { z } from "zod";
import { PushRefusal } from "./push-refusal.ts";

/** What Cloud Run puts in the signature's place when it has verified a token itself. */
const REMOVED_SIGNATURE = "SIGNATURE_REMOVED_BY_GOOGLE";

/** A bearer token, read strictly and not yet believed. */
export interface PushToken {
  /** `header.payload.signature` */
  readonly compact: string;
  readonly keyId: string;
  readonly claims: unknown;
  readonly signatureRemoved: boolean;
}

const COMPACT = /^bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i;

const header = z.looseObject({ alg: z.unknown(), kid: z.unknown().optional(), crit: z.unknown().optional() });

/**
 * Reads the value of an Authorization header: `Bearer`, one space, a compact JWS. What two readers could read in two ways is
 * refused: other algorithms than RS256, base64url with padding or loose last bits, the same key twice in an object, `crit`.
 * Throws a PushRefusal.
 */
export function readPushToken(authorization: string): PushToken {
  const [, head, payload, signature] = COMPACT.exec(authorization) ?? [];
  if (head === undefined || payload === undefined || signature === undefined) {
    throw new PushRefusal(/^bearer /i.test(authorization) ? "malformed-token" : "not-a-bearer-token");
  }
  const signatureRemoved = signature === REMOVED_SIGNATURE;
  if (!signatureRemoved) decodeBase64Url(signature);
  return {
    compact: `${head}.${payload}.${signature}`,
    keyId: keyIdOf(parseJson(head)),
    claims: parseJson(payload),
    signatureRemoved,
  };
}

function keyIdOf(value: unknown): string {
  const parsed = header.safeParse(value);
  if (!parsed.success) throw new PushRefusal("malformed-token");
  const { alg, kid, crit } = parsed.data;
  if (alg !== "RS256") throw new PushRefusal("wrong-algorithm");
  if (crit !== undefined) throw new PushRefusal("critical-header");
  if (typeof kid !== "string" || kid === "") throw new PushRefusal("no-key-id");
  return kid;
}

function parseJson(part: string): unknown {
  const bytes = decodeBase64Url(part);
  try {
    return parseStrictJson(bytes);
  } catch {
    // The cause quotes the token: it ends here.
    throw new PushRefusal("malformed-token");
  }
}

/** Buffer reads almost anything as base64url; only what it would write itself is canonical. */
function decodeBase64Url(part: string): Uint8Array {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new PushRefusal("malformed-token");
  return bytes;
}
