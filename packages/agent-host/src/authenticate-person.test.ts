import { createHmac, generateKeyPairSync } from "node:crypto";
import { IdentityProxy } from "@contextpilot/testing";
import { personAuthenticator, type AuthenticatePerson } from "./authenticate-person.ts";
import { compact, newKey, rs256 } from "./issuer.fixture.ts";
import { TokenRefusal } from "./token-refusal.ts";

let proxy: IdentityProxy;
let time: number;
let authenticate: AuthenticatePerson;
const clock = { now: () => new Date(time * 1000) };

/** Who it is, or the refusal's status and reason. */
const answerTo = async (...assertions: string[]): Promise<string> => {
  try {
    return (await authenticate(assertions)).email;
  } catch (refusal) {
    if (refusal instanceof TokenRefusal) return `${refusal.status} ${refusal.reason}`;
    throw refusal;
  }
};

beforeEach(async () => {
  time = 1_800_000_000;
  proxy = await IdentityProxy.start(() => time);
  authenticate = personAuthenticator(proxy, clock);
});
afterEach(() => proxy.close());

const valid = (): object => ({ iss: "https://cloud.google.com/iap", aud: proxy.audience, iat: time, exp: time + 600 });

const cases: Record<string, [expected: string, assertions: () => string[]]> = {
  "a valid assertion says who asks": ["ada@example.com", () => [proxy.assertion()]],
  "no assertion": ["401 no-token", () => []],
  "an empty one": ["401 malformed-token", () => [""]],
  "two, both valid": ["401 several-assertions", () => [proxy.assertion(), proxy.assertion()]],
  "two in one header": ["401 malformed-token", () => [`${proxy.assertion()}, ${proxy.assertion()}`]],
  "a bearer token": ["401 malformed-token", () => [`Bearer ${proxy.assertion()}`]],
  "another service's": ["401 wrong-audience", () => [proxy.assertion({ aud: `${proxy.audience}2` })]],
  "another issuer's": ["401 wrong-issuer", () => [proxy.assertion({ iss: "https://accounts.google.com" })]],
  expired: ["401 expired", () => [proxy.assertion({ iat: time - 630, exp: time - 30 })]],
  "issued ahead": ["401 not-valid-yet", () => [proxy.assertion({ iat: time + 31 })]],
  "valid for an hour": ["401 lifetime-too-long", () => [proxy.assertion({ exp: time + 3600 })]],
  "of nobody": ["401 no-person", () => [proxy.assertion({ email: undefined })]],
  "of an empty name": ["401 no-person", () => [proxy.assertion({ email: "" })]],
  "of several": ["401 no-person", () => [proxy.assertion({ email: ["ada@example.com"] })]],
  "alg none": ["401 wrong-algorithm", () => [proxy.assertion({}, { alg: "none" })]],
  RS256: ["401 wrong-algorithm", () => [compact({ alg: "RS256", kid: "first" }, valid(), rs256(newKey("first")))]],
  "HS256 with the public key as the secret": [
    "401 wrong-algorithm",
    () => {
      const secret = proxy.key.publicKey.export({ type: "spki", format: "pem" });
      return [
        compact({ alg: "HS256", kid: "first" }, valid(), (input) =>
          createHmac("sha256", secret).update(input).digest(),
        ),
      ];
    },
  ],
  "another's signature": ["401 bad-signature", () => [proxy.assertion({}, {}, IdentityProxy.newKey("first"))]],
  "a key of another curve": [
    "401 bad-signature",
    () => [proxy.assertion({}, {}, { kid: "first", ...generateKeyPairSync("ec", { namedCurve: "P-384" }) })],
  ],
  "a key that nobody knows": ["401 unknown-key", () => [proxy.assertion({}, {}, IdentityProxy.newKey("second"))]],
  crit: ["401 critical-header", () => [proxy.assertion({}, { crit: ["exp"] })]],
  "another person under the same signature": [
    "401 bad-signature",
    () => {
      const [head, , signature] = proxy.assertion().split(".");
      const [, payload] = proxy.assertion({ email: "eve@example.com" }).split(".");
      return [`${head}.${payload}.${signature}`];
    },
  ],
  "a signature that somebody removed": [
    "401 signature-removed",
    () => [proxy.assertion().replace(/[^.]+$/, "SIGNATURE_REMOVED_BY_GOOGLE")],
  ],
};

test.each(Object.entries(cases))("an assertion, %s", async (_name, [expected, assertions]) => {
  expect(await answerTo(...assertions())).toBe(expected);
});

test("an assertion that was believed is remembered, and no longer than it is valid", async () => {
  const assertion = proxy.assertion();
  await answerTo(assertion);
  proxy.fail();
  time += 629;
  expect(await answerTo(assertion)).toBe("ada@example.com");
  time += 1;
  expect(await answerTo(assertion)).toBe("401 expired");
});

test("keys that cannot be had answer 503", async () => {
  proxy.fail();
  expect(await answerTo(proxy.assertion())).toBe("503 keys-unavailable");
});

test("there is no judge of assertions without an audience", () => {
  expect(() => personAuthenticator({ audience: "", jwksUrl: proxy.jwksUrl })).toThrow("need an audience");
});
