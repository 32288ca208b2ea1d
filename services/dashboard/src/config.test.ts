import { webConfig } from "./config.ts";

const AUDIENCE = "/projects/1/locations/europe-west1/services/dashboard-web";

test("the web stands behind the proxy unless it is told otherwise, and trusts Google's keys", () => {
  expect(webConfig({ IAP_AUDIENCE: AUDIENCE })).toMatchObject({
    host: "127.0.0.1",
    port: 8080,
    access: { kind: "proxy", audience: AUDIENCE, jwksUrl: "https://www.gstatic.com/iap/verify/public_key-jwk" },
    tenant: "default",
    replayEnabled: true,
  });
});

test("for this machine it takes a word, and a token for who may change something", () => {
  expect(webConfig({ WEB_ACCESS: "local" }).access).toEqual({ kind: "local", token: undefined });
  const token = "t".repeat(16);
  expect(webConfig({ WEB_ACCESS: "local", API_TOKEN: token }).access).toEqual({ kind: "local", token });
});

test.each<[string, Record<string, string>, string]>([
  ["no audience", {}, "IAP_AUDIENCE is not set"],
  ["an empty audience", { IAP_AUDIENCE: " " }, "IAP_AUDIENCE is not set"],
  [
    "everybody let in on Cloud Run",
    { WEB_ACCESS: "local", K_SERVICE: "dashboard-web" },
    "WEB_ACCESS=local asks nobody",
  ],
  ["both ways at once", { WEB_ACCESS: "local", IAP_AUDIENCE: AUDIENCE }, "contradict each other"],
  ["another way", { WEB_ACCESS: "none" }, "set it to proxy or local"],
  [
    "keys of this machine on Cloud Run",
    { IAP_AUDIENCE: AUDIENCE, IAP_JWKS_URL: "http://127.0.0.1:1/keys", K_SERVICE: "dashboard-web" },
    "IAP_JWKS_URL names keys of this machine",
  ],
  ["a token that can be guessed", { WEB_ACCESS: "local", API_TOKEN: "short" }, "API_TOKEN is wrong"],
])("%s is refused with the remedy", (_what, env, problem) => {
  expect(() => webConfig(env)).toThrow(problem);
});

test("a token that is refused is not told", () => {
  expect(() => webConfig({ WEB_ACCESS: "local", API_TOKEN: "hunter2" })).not.toThrow("hunter2");
});
