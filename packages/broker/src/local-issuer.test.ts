import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { LocalIssuer } from "./local-issuer.ts";

const issuer = "http://127.0.0.1:9999";
const identity = { audience: "https://coach-agent", serviceAccount: "push@local.iam" };

describe("the local issuer", () => {
  const clock = { time: Date.now(), now: () => new Date(clock.time) };
  const local = new LocalIssuer({ issuer, clock });
  beforeEach(() => (clock.time = Date.now()));

  test("signs tokens that its public keys verify, with the claims of Google's", async () => {
    const keys = createLocalJWKSet(await local.jwks());
    const token = await local.token(identity);
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience: identity.audience });
    const iat = Math.floor(clock.time / 1000);
    expect(protectedHeader).toMatchObject({ alg: "RS256", kid: expect.stringMatching(/^[\w-]{20,}$/) });
    expect(payload).toEqual({
      iss: issuer,
      aud: identity.audience,
      azp: identity.serviceAccount,
      sub: identity.serviceAccount,
      email: identity.serviceAccount,
      email_verified: true,
      iat,
      exp: iat + 3600,
    });
  });

  test("gives away the public half of a 2,048 bit key and nothing else", async () => {
    const [key] = (await local.jwks()).keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    expect(Buffer.from(key?.n ?? "", "base64url")).toHaveLength(256);
  });

  test("gives the same token until five minutes before its end, and then another", async () => {
    const first = await local.token(identity);
    clock.time += 54 * 60_000;
    expect(await local.token(identity)).toBe(first);
    clock.time += 2 * 60_000;
    expect(await local.token(identity)).not.toBe(first);
  });

  test("gives another token when the clock has been set back: the first one is not valid yet", async () => {
    const first = await local.token(identity);
    clock.time -= 60_000;
    expect(await local.token(identity)).not.toBe(first);
  });

  test("each audience and each service account has a token of its own", async () => {
    const tokens = await Promise.all([
      local.token(identity),
      local.token({ ...identity, audience: "https://git-agent" }),
      local.token({ ...identity, serviceAccount: "other@local.iam" }),
    ]);
    expect(new Set(tokens).size).toBe(3);
  });

  test("two issuers have two keys", async () => {
    const token = await new LocalIssuer({ issuer, clock }).token(identity);
    await expect(jwtVerify(token, createLocalJWKSet(await local.jwks()))).rejects.toThrow("no applicable key found");
    expect(decodeProtectedHeader(token).kid).not.toBe((await local.jwks()).keys[0]?.kid);
  });
});
