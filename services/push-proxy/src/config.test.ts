import { pushProxyConfig } from "./config.ts";

const least = { PUSH_ISSUER: "http://push-proxy:8085/", AGENT_ENDPOINT: "http://{service}:8080/events" };

test("two variables are enough, and name each service's endpoint and audience", () => {
  const { endpointOf, audienceOf, ...rest } = pushProxyConfig(least);
  expect(rest).toEqual({
    host: "127.0.0.1",
    port: 8080,
    issuer: "http://push-proxy:8085",
    serviceAccount: "pubsub-push@local.contextpilot.example",
    logLevel: { all: "info", components: {} },
  });
  expect(endpointOf("git-agent")).toBe("http://git-agent:8080/events");
  expect(audienceOf("git-agent")).toBe("https://git-agent.local.contextpilot.example");
});

test("every variable can be set", () => {
  const env = {
    ...least,
    HOST: "0.0.0.0",
    PORT: "8085",
    AGENT_AUDIENCE: "urn:{service}",
    PUSH_SERVICE_ACCOUNT: "pusher@example.org",
    LOG_LEVEL: "debug",
  };
  const { audienceOf, ...rest } = pushProxyConfig(env);
  expect(audienceOf("git-agent")).toBe("urn:git-agent");
  expect(rest).toMatchObject({
    host: "0.0.0.0",
    port: 8085,
    serviceAccount: "pusher@example.org",
    logLevel: { all: "debug", components: {} },
  });
});

test.each([
  [{ PUSH_ISSUER: "" }, /^PUSH_ISSUER is not set: set it to the http/],
  [{ PUSH_ISSUER: "push-proxy" }, /^PUSH_ISSUER is wrong: /],
  [{ AGENT_ENDPOINT: "" }, /^AGENT_ENDPOINT is not set: .*http:\/\/\{service\}:8080\/events$/],
  [{ AGENT_ENDPOINT: "http://git-agent:8080/events" }, /^AGENT_ENDPOINT is wrong: .*\{service\}/],
  [{ AGENT_ENDPOINT: "{service}" }, /^AGENT_ENDPOINT is wrong: /],
  [{ AGENT_AUDIENCE: "everyone" }, /^AGENT_AUDIENCE is wrong: .*\{service\}/],
  [{ PORT: "http" }, /^PORT is wrong: set it to a port from 0 to 65535$/],
  [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL is wrong: set it to one of /],
])("%j is one line with the variable and the remedy", (env, line) => {
  expect(() => pushProxyConfig({ ...least, ...env })).toThrow(line);
});
