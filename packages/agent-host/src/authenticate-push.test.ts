import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { pushAuthenticator, type Authenticate } from "./authenticate-push.ts";
import {
  ACCOUNT,
  AUDIENCE,
  compact,
  newKey,
  rs256,
  startIssuer,
  validClaims,
  type Issuer,
  type IssuerKey,
} from "./issuer.fixture.ts";

let issuer: Issuer;
let time: number;
let authenticate: Authenticate;
const clock = { now: () => new Date(time * 1000) };
const later = (seconds: number): void => void (time += seconds);
const answerTo = async (...headers: string[]): Promise<string> => {
  const refusal = await authenticate(headers);
  return refusal === undefined ? "in" : `${refusal.status} ${refusal.reason}`;
};

beforeEach(async () => {
  time = 1_800_000_000;
  issuer = await startIssuer(() => time);
  authenticate = pushAuthenticator(issuer.config, clock);
});
afterEach(() => issuer.close());

/** A token with a header of the test's choosing, signed by `signer` or validly. */
const signed = (header: object, signer = rs256(issuer.key), payload: object | string = validClaims(issuer.url, time)) =>
  `Bearer ${compact({ kid: issuer.key.kid, ...header }, payload, signer)}`;

const cases: Record<string, [expected: string, headers: () => string[]]> = {
  "a valid token is let in": ["in", () => [issuer.bearer()]],
  "the scheme may be written in any case": ["in", () => [issuer.bearer().replace("Bearer", "bearer")]],
  "any typ is let in": ["in", () => [issuer.bearer({}, { typ: "at+jwt" })]],
  "no token": ["401 no-token", () => []],
  "two headers, both valid": ["401 several-authorization-headers", () => [issuer.bearer(), issuer.bearer()]],
  "another scheme": ["401 not-a-bearer-token", () => ["Basic dXNlcjpwYXNz"]],
  "two tokens in one header": ["401 malformed-token", () => [`${issuer.bearer()}, ${issuer.bearer()}`]],
  "two spaces": ["401 malformed-token", () => [issuer.bearer().replace(" ", "  ")]],
  "not three parts": ["401 malformed-token", () => ["Bearer e30.e30"]],

  "another audience": ["401 wrong-audience", () => [issuer.bearer({ aud: "another-agent" })]],
  "a list of audiences": ["401 invalid-claims", () => [issuer.bearer({ aud: ["test-agent"] })]],
  "another issuer": ["401 wrong-issuer", () => [issuer.bearer({ iss: "https://accounts.google.com" })]],
  "another account": ["403 wrong-account", () => [issuer.bearer({ email: "eve@test.iam.example" })]],
  "no account": ["403 wrong-account", () => [issuer.bearer({ email: undefined })]],
  "an account nobody verified": ["403 wrong-account", () => [issuer.bearer({ email_verified: false })]],
  "an account verified as text": ["403 wrong-account", () => [issuer.bearer({ email_verified: "true" })]],

  expired: ["401 expired", () => [issuer.bearer({ iat: time - 3630, exp: time - 30 })]],
  "expired within the tolerance": ["in", () => [issuer.bearer({ iat: time - 3629, exp: time - 29 })]],
  "not valid before a time ahead": ["401 not-valid-yet", () => [issuer.bearer({ nbf: time + 31 })]],
  "issued ahead": ["401 not-valid-yet", () => [issuer.bearer({ iat: time + 31 })]],
  "valid for two hours": ["401 lifetime-too-long", () => [issuer.bearer({ exp: time + 7200 })]],
  "exp as text": ["401 invalid-claims", () => [issuer.bearer({ exp: String(time + 60) })]],
  "no exp": ["401 invalid-claims", () => [issuer.bearer({ exp: undefined })]],
  "no iat": ["401 invalid-claims", () => [issuer.bearer({ iat: undefined })]],
  "exp beyond all numbers": ["401 malformed-token", () => [signed({ alg: "RS256" }, undefined, withExp("1e999"))]],
  "exp before iat": ["401 expired", () => [issuer.bearer({ iat: time, exp: time - 31 })]],
  "a lifetime that begins before time": ["401 lifetime-too-long", () => [issuer.bearer({ iat: -1 })]],
  "nbf as text": ["401 invalid-claims", () => [issuer.bearer({ nbf: String(time) })]],
  "no audience": ["401 invalid-claims", () => [issuer.bearer({ aud: undefined })]],
  "the audience and a slash": ["401 wrong-audience", () => [issuer.bearer({ aud: `${AUDIENCE}/` })]],
  "the audience in capitals": ["401 wrong-audience", () => [issuer.bearer({ aud: AUDIENCE.toUpperCase() })]],
  "the issuer and a slash": ["401 wrong-issuer", () => [issuer.bearer({ iss: `${issuer.url}/` })]],
  "no issuer": ["401 invalid-claims", () => [issuer.bearer({ iss: undefined })]],
  "the account in capitals": ["403 wrong-account", () => [issuer.bearer({ email: ACCOUNT.toUpperCase() })]],
  "the account and a space": ["403 wrong-account", () => [issuer.bearer({ email: `${ACCOUNT} ` })]],
  "a list of accounts": ["403 wrong-account", () => [issuer.bearer({ email: [ACCOUNT] })]],
  "the account as subject only": ["403 wrong-account", () => [issuer.bearer({ email: undefined, sub: ACCOUNT })]],

  "alg none without a signature": ["401 malformed-token", () => [signed({ alg: "none" }, () => Buffer.of())]],
  "alg none over a valid signature": ["401 wrong-algorithm", () => [signed({ alg: "none" })]],
  "HS256 with the public key as the secret": [
    "401 wrong-algorithm",
    () => {
      const secret = issuer.key.publicKey.export({ type: "spki", format: "pem" });
      return [signed({ alg: "HS256" }, (input) => createHmac("sha256", secret).update(input).digest())];
    },
  ],
  RS512: [
    "401 wrong-algorithm",
    () => [signed({ alg: "RS512" }, (input) => sign("sha512", Buffer.from(input), issuer.key.privateKey))],
  ],
  ES256: [
    "401 wrong-algorithm",
    () => {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return [
        signed({ alg: "ES256" }, (input) =>
          sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }),
        ),
      ];
    },
  ],
  "no kid": ["401 no-key-id", () => [signed({ alg: "RS256", kid: undefined })]],
  "a kid that is no text": ["401 no-key-id", () => [signed({ alg: "RS256", kid: 1 })]],
  "a kid nobody knows": ["401 unknown-key", () => [signed({ alg: "RS256", kid: "made-up" })]],
  "a kid that is a path": ["401 unknown-key", () => [signed({ alg: "RS256", kid: "../../etc/passwd" })]],
  "a kid of the prototype": ["401 unknown-key", () => [signed({ alg: "RS256", kid: "__proto__" })]],
  "a key of its own in the header": ["401 unknown-key", () => [signedBy(newKey("own"), "jwk")]],
  "the address of a key of its own": ["401 bad-signature", () => [signedBy(newKey(issuer.key.kid), "jku")]],
  "the algorithm twice": [
    "401 malformed-token",
    () => [
      `Bearer ${compact(`{"alg":"none","alg":"RS256","kid":"first"}`, validClaims(issuer.url, time), rs256(issuer.key))}`,
    ],
  ],
  "an encrypted token's five parts": ["401 malformed-token", () => [`${issuer.bearer()}.e30.e30`]],
  "a header that is no JSON": ["401 malformed-token", () => [`Bearer ${compact("{", "{}", rs256(issuer.key))}`]],
  crit: ["401 critical-header", () => [signed({ alg: "RS256", crit: ["exp"], exp: 1 })]],
  "another's signature": ["401 bad-signature", () => [signed({ alg: "RS256" }, rs256(newKey("first")))]],
  "a changed payload": [
    "401 bad-signature",
    () => {
      const [head, , signature] = issuer.bearer().split(".");
      const [, payload] = issuer.bearer({ email: ACCOUNT, sub: "2" }).split(".");
      return [`${head}.${payload}.${signature}`];
    },
  ],
  "a padded signature": ["401 malformed-token", () => [`${issuer.bearer()}==`]],
  "a space behind the signature": ["401 malformed-token", () => [`${issuer.bearer()} `]],
  "junk behind the signature": ["401 malformed-token", () => [`${issuer.bearer()}!`]],
  "loose last bits": ["401 malformed-token", () => [withLooseBits(issuer.bearer())]],
  "the same claim twice": [
    "401 malformed-token",
    () => {
      const claims = JSON.stringify(validClaims(issuer.url, time)).replace("{", `{"email":"eve@test.iam.example",`);
      return [signed({ alg: "RS256" }, undefined, claims)];
    },
  ],
  "a payload that is no object": ["401 invalid-claims", () => [signed({ alg: "RS256" }, undefined, "[]")]],
  "a signature that Cloud Run removed": ["401 signature-removed", () => [withoutSignature(issuer.bearer())]],
};

const withExp = (exp: string): string => {
  return JSON.stringify({ ...validClaims(issuer.url, time), exp: undefined }).replace("{", `{"exp":${exp},`);
};

/** A token that brings along the key that signed it, or says where it is. */
function signedBy(key: IssuerKey, by: "jwk" | "jku"): string {
  const own = by === "jwk" ? { jwk: key.publicKey.export({ format: "jwk" }) } : { jku: "https://eve.example/keys" };
  return issuer.bearer({}, own, key);
}

/** The last character of a 256-byte signature carries two loose bits; a lax reader ignores them. */
function withLooseBits(bearer: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return bearer.slice(0, -1) + (alphabet[alphabet.indexOf(bearer.at(-1) ?? "") + 1] ?? "");
}

function withoutSignature(bearer: string): string {
  return bearer.slice(0, bearer.lastIndexOf(".") + 1) + "SIGNATURE_REMOVED_BY_GOOGLE";
}

test.each(Object.entries(cases))("%s", async (_name, [expected, headers]) => {
  expect(await answerTo(...headers())).toBe(expected);
});

test("a remembered token is let in at once, and no longer than it is valid", async () => {
  const bearer = issuer.bearer();
  expect(await answerTo(bearer)).toBe("in");
  expect(authenticate([bearer])).toBeUndefined();
  later(3629);
  expect(authenticate([bearer])).toBeUndefined();
  later(1);
  expect(await answerTo(bearer)).toBe("401 expired");
});

test("keys that cannot be had answer 503, and the push that comes again is let in", async () => {
  issuer.serve("down");
  expect(await answerTo(issuer.bearer())).toBe("503 keys-unavailable");
  issuer.serve([issuer.key]);
  later(1);
  expect(await answerTo(issuer.bearer())).toBe("in");
});

test("an issuer that does not answer is not asked again for a second", async () => {
  issuer.serve("down");
  await answerTo(issuer.bearer());
  await answerTo(issuer.bearer());
  expect(issuer.fetches()).toBe(1);
});

test("the keys last seen serve on while the issuer is down", async () => {
  await answerTo(issuer.bearer());
  issuer.serve("down");
  later(3600);
  expect(await answerTo(issuer.bearer())).toBe("in");
  expect(issuer.fetches()).toBe(2);
});

test("keys last seen six hours ago let nobody in any more", async () => {
  await answerTo(issuer.bearer());
  issuer.serve("down");
  later(6 * 3600 - 1);
  expect(await answerTo(issuer.bearer())).toBe("in");
  later(2);
  expect(await answerTo(issuer.bearer())).toBe("503 keys-unavailable");
  issuer.serve([issuer.key]);
  expect(await answerTo(issuer.bearer())).toBe("503 keys-unavailable");
  later(1);
  expect(await answerTo(issuer.bearer())).toBe("in");
});

test("pushes that need the keys at the same moment wait for one fetch", async () => {
  const tokens = Array.from({ length: 20 }, (_, sub) => issuer.bearer({ sub: String(sub) }));
  expect(new Set(await Promise.all(tokens.map((token) => answerTo(token))))).toEqual(new Set(["in"]));
  expect(issuer.fetches()).toBe(1);
});

test("a key that was taken back is refused once the keys have been fetched again", async () => {
  await answerTo(issuer.bearer());
  issuer.serve([newKey("second")]);
  later(600);
  expect(await answerTo(issuer.bearer())).toBe("401 unknown-key");
});

test("a new key is fetched when its first token comes", async () => {
  await answerTo(issuer.bearer());
  const second = newKey("second");
  issuer.serve([issuer.key, second]);
  later(30);
  expect(await answerTo(issuer.bearer({}, {}, second))).toBe("in");
});

test("made-up key ids do not make us fetch again and again", async () => {
  for (const kid of ["a", "b", "c"]) await answerTo(issuer.bearer({}, { kid }));
  expect(issuer.fetches()).toBe(1);
});

test("a new key while the issuer is down answers 503", async () => {
  await answerTo(issuer.bearer());
  issuer.serve("down");
  later(30);
  expect(await answerTo(issuer.bearer({}, {}, newKey("second")))).toBe("503 keys-unavailable");
});

describe("behind Cloud Run, which verified the token", () => {
  beforeEach(() => {
    authenticate = pushAuthenticator({ ...issuer.config, mode: "platform" }, clock);
  });

  test("a token without its signature is let in, and no key is asked for", async () => {
    expect(await answerTo(withoutSignature(issuer.bearer()))).toBe("in");
    expect(issuer.fetches()).toBe(0);
  });

  test("the claims are checked all the same", async () => {
    expect(await answerTo(withoutSignature(issuer.bearer({ aud: "another-agent" })))).toBe("401 wrong-audience");
    expect(await answerTo(withoutSignature(issuer.bearer({ email: "eve@test.iam.example" })))).toBe(
      "403 wrong-account",
    );
    expect(await answerTo(withoutSignature(issuer.bearer({ iat: time - 7200, exp: time - 3600 })))).toBe("401 expired");
  });
});

test("there is no mode without tokens", () => {
  for (const missing of [{ audience: "" }, { issuers: [] }, { serviceAccounts: [] }]) {
    expect(() => pushAuthenticator({ ...issuer.config, ...missing })).toThrow(
      /needs an audience, an issuer and a service/,
    );
  }
});
