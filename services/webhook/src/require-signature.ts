import type { FastifyInstance } from "fastify";
import { Refusal } from "./refusal.ts";
import { SIGNATURE_HEADER, isSignature, isSignedBy } from "./signature.ts";

/**
 * Lets a request of this scope through to its handler only where the signature is that of the very bytes that came. The body
 * stays a Buffer of them; only `application/json` is taken.
 */
export function requireSignature(door: FastifyInstance, secret: string): void {
  door.removeAllContentTypeParsers();
  door.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  door.addHook("onRequest", async (request, reply) => {
    if (isSignature(request.headers[SIGNATURE_HEADER])) return;
    // The body is not read, so the connection cannot be used again.
    reply.header("connection", "close");
    throw new Refusal("unauthenticated", "X-Hub-Signature-256 must be sha256= and 64 hex digits");
  });

  door.addHook("preValidation", async ({ body, headers }) => {
    // Without a body there was no media type to check.
    if (!Buffer.isBuffer(body)) throw new Refusal("wrong-media-type");
    const signature = headers[SIGNATURE_HEADER];
    if (!isSignature(signature) || !isSignedBy(secret, body, signature)) {
      throw new Refusal("unauthenticated", "the signature is not that of this body under this webhook's secret");
    }
  });
}
