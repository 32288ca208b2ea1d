import { agentConfig } from "./config.ts";

const env = { PUSH_AUDIENCE: "coach", PUSH_SERVICE_ACCOUNTS: "bus@a.example, clock@a.example" };
const local = { PUSH_ISSUER: "http://127.0.0.1:7000", PUSH_JWKS_URL: "http://127.0.0.1:7000/keys" };

test("an audience and accounts suffice: the rest is Google's, on this machine", () => {
  expect(agentConfig(env)).toEqual({
    host: "127.0.0.1",
    port: 8080,
    push: {
      mode: "app",
      issuers: ["https://accounts.google.com"],
      jwksUrl: "https://www.googleapis.com/oauth2/v3/certs",
      audience: "coach",
      serviceAccounts: ["bus@a.example", "clock@a.example"],
    },
    tenantId: undefined,
    logLevel: { all: "info", components: {} },
  });
});

test("on Cloud Run it listens everywhere, and may leave signatures to the platform", () => {
  expect(agentConfig({ ...env, K_SERVICE: "coach", PUSH_AUTH_MODE: "platform" })).toMatchObject({
    host: "0.0.0.0",
    push: { mode: "platform" },
  });
});

test.each([
  ["INFO", "info"],
  ["WARNING", "warn"],
  ["CRITICAL", "fatal"],
])("the level %s is understood", (LOG_LEVEL, all) => {
  expect(agentConfig({ ...env, LOG_LEVEL })).toMatchObject({ logLevel: { all } });
});

const levels = (LOG_LEVEL: string) => agentConfig({ ...env, LOG_LEVEL }).logLevel;

test("a component may have a level of its own, beside the one for all or without", () => {
  expect(levels("warn, coach-agent=DEBUG,broker=critical")).toEqual({
    all: "warn",
    components: { "coach-agent": "debug", broker: "fatal" },
  });
  expect(levels("webhook=error")).toEqual({ all: "info", components: { webhook: "error" } });
});

test("a local issuer is one's own off Cloud Run", () => {
  expect(agentConfig({ ...env, ...local }).push).toMatchObject({
    issuers: [local.PUSH_ISSUER],
    jwksUrl: local.PUSH_JWKS_URL,
  });
});

test.each([
  ["http://issuer.example", "https://issuer.example/keys"],
  ["https://issuer.example", "http://issuer.example/keys"],
  ["https://localhost:7000", "https://issuer.example/keys"],
  ["https://issuer.example", "https://127.0.0.2/keys"],
  ["https://issuer.example", "https://[::1]/keys"],
  ["https://issuer.example,localhost", "https://issuer.example/keys"],
])("Cloud Run trusts no local issuer: %s, %s", (PUSH_ISSUER, PUSH_JWKS_URL) => {
  expect(() => agentConfig({ ...env, K_SERVICE: "coach", PUSH_ISSUER, PUSH_JWKS_URL })).toThrow(
    /local issuer.*unset them/,
  );
});

test.each([
  [{ PUSH_AUDIENCE: " " }, /^PUSH_AUDIENCE is not set: set it to the audience/],
  [{ PUSH_SERVICE_ACCOUNTS: undefined }, /^PUSH_SERVICE_ACCOUNTS is not set: set it to the e-mail/],
  [{ PUSH_SERVICE_ACCOUNTS: "," }, /^PUSH_SERVICE_ACCOUNTS is wrong: set it to one or more/],
  [{ PORT: "http" }, /^PORT is wrong: set it to a port/],
  [{ PORT: "65536" }, /^PORT is wrong: set it to a port/],
  [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL is wrong: set it to one of trace, debug/],
  [{ LOG_LEVEL: "info,coach-agent=loud" }, /^LOG_LEVEL is wrong: set it to one of trace, debug/],
  [{ LOG_LEVEL: "info,=debug" }, /^LOG_LEVEL is wrong: .* as in info,coach-agent=debug$/],
  [{ PUSH_AUTH_MODE: "none" }, /^PUSH_AUTH_MODE is wrong: set it to app or platform/],
  [{ PUSH_AUTH_MODE: "platform" }, /^PUSH_AUTH_MODE=platform trusts Cloud Run.*set it to app/],
  [{ PUSH_ISSUER: "http://a" }, /^PUSH_ISSUER and PUSH_JWKS_URL belong together/],
  [{ PUSH_ISSUER: "http://a", PUSH_JWKS_URL: "file:///keys" }, /^PUSH_JWKS_URL is wrong: set it to the http/],
  [{ PUSH_AUDIENCE: undefined, PORT: "-1" }, /^PORT is wrong: .*; PUSH_AUDIENCE is not set: [^\n]*$/],
])("a fault is one line with the remedy: %j", (fault, line) => {
  expect(() => agentConfig({ ...env, ...fault })).toThrow(line);
});
