import { createHmac, timingSafeEqual } from "node:crypto";

/** Shorter secrets can be guessed from one recorded delivery. */
export const MIN_SECRET_LENGTH = 16;

/** The header that carries the signature, in GitHub's form; its SHA-1 brother `X-Hub-Signature` is not looked at. */
export const SIGNATURE_HEADER = "x-hub-signature-256";

const FORM = /^sha256=([0-9a-f]{64})$/i;

/** The value of `X-Hub-Signature-256` for a body: `sha256=` and the HMAC-SHA256 in hex, as GitHub computes it. */
export function sign(secret: string, body: Uint8Array): string {
  return `sha256=${hmac(secret, body).toString("hex")}`;
}

/** Whether a header's value has the form of a signature at all; two headers of the name arrive joined, and have not. */
export function isSignature(value: unknown): value is string {
  return typeof value === "string" && FORM.test(value);
}

/**
 * Whether the signature is that of these very bytes, compared in constant time. Made with node:crypto, because
 * @octokit/webhooks-methods takes the body as a string: bytes that are no UTF-8 would all become U+FFFD before they are signed,
 * and a body that nobody signed could pass for one that somebody did.
 */
export function isSignedBy(secret: string, body: Uint8Array, signature: string): boolean {
  const [, digest = ""] = FORM.exec(signature) ?? [];
  const given = Buffer.from(digest, "hex");
  const expected = hmac(secret, body);
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}

function hmac(secret: string, body: Uint8Array): Buffer {
  return createHmac("sha256", secret).update(body).digest();
}
