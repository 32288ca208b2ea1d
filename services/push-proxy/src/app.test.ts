import { createAgent, createLogger, listen, pushAuthenticator } from "@contextpilot/agent-host";
import { LocalIssuer } from "@contextpilot/broker";
import type { Delivery, Outcome } from "@contextpilot/messaging";
import { MessageError } from "@contextpilot/messaging";
import type { FastifyInstance } from "fastify";
import { createPushProxy } from "./app.ts";

const logger = createLogger({ service: "push-proxy", level: "silent" });
const AUDIENCE = "https://git-agent.example";
const ACCOUNT = "pusher@example.org";

let proxy: FastifyInstance;
let agent: FastifyInstance;
let address: string;
let received: Delivery[];
let outcome: Outcome;
let endpoint: string | undefined;

beforeEach(async () => {
  received = [];
  outcome = { kind: "taken" };
  proxy = createPushProxy({
    issuer: () => issuer,
    logger,
    targetOf: ({ ackDeadlineSeconds }) =>
      endpoint === undefined
        ? undefined
        : { endpoint, audience: AUDIENCE, serviceAccount: ACCOUNT, ackDeadlineSeconds },
  });
  address = await listen(proxy, { host: "127.0.0.1", port: 0 });
  const issuer = new LocalIssuer({ issuer: address });
  agent = createAgent({
    service: "git-agent",
    logger,
    authenticate: pushAuthenticator({
      mode: "app",
      issuers: [address],
      jwksUrl: `${address}/.well-known/jwks.json`,
      audience: AUDIENCE,
      serviceAccounts: [ACCOUNT],
    }),
    receiver: {
      receive: (delivery) => {
        received.push(delivery);
        return Promise.resolve(outcome);
      },
      setAside: () => Promise.resolve(),
    },
  });
  endpoint = `${await listen(agent, { host: "127.0.0.1", port: 0 })}/events`;
});
afterEach(async () => {
  await agent.close();
  await proxy.close();
});

/** As the emulator pushes: no token, no attempt, no ordering key. */
async function push(subscription: string, attributes: Record<string, string>, messageId = "7"): Promise<number> {
  const message = { data: "e30=", attributes, messageId, message_id: messageId, publishTime: "2026-11-21T10:00:00.5Z" };
  const body = JSON.stringify({ message, subscription: `projects/test/subscriptions/${subscription}` });
  const headers = { "content-type": "application/json" };
  return (await fetch(`${address}/push/${subscription}`, { method: "POST", headers, body })).status;
}

test("a push goes on to its agent as the real service would push it", async () => {
  const attributes = { event_type: "git.push.v1", ordering_key: "shop" };
  expect(await push("git-from-push", attributes)).toBe(204);
  expect(received).toEqual([
    {
      messageId: "7",
      data: Buffer.from("{}"),
      attributes,
      publishTime: "2026-11-21T10:00:00.5Z",
      subscription: "git-from-push",
      orderingKey: "shop",
      deliveryAttempt: 1,
    },
  ]);
});

test("what the subscription's filter keeps back is acked, and no agent hears of it", async () => {
  expect(await push("git-from-push", { event_type: "git.commit.v1" })).toBe(204);
  expect(await push("git-from-push", {})).toBe(204);
  expect(received).toEqual([]);
});

test("attempts are counted for each message until it is acked", async () => {
  outcome = { kind: "retry", error: MessageError.retryable("unavailable", "not now") };
  const attributes = { event_type: "git.push.v1" };
  expect([await push("git-from-push", attributes, "7"), await push("git-from-push", attributes, "7")]).toEqual([
    503, 503,
  ]);
  expect(await push("git-from-push", attributes, "8")).toBe(503);
  outcome = { kind: "taken" };
  expect(await push("git-from-push", attributes, "7")).toBe(204);
  expect(await push("git-from-push", attributes, "7")).toBe(204);
  expect(received.map(({ messageId, deliveryAttempt }) => [messageId, deliveryAttempt])).toEqual([
    ["7", 1],
    ["7", 2],
    ["8", 1],
    ["7", 3],
    ["7", 1],
  ]);
});

test.each<[string, () => void | Promise<void>]>([
  ["is not there", () => agent.close()],
  ["is not known yet", () => void (endpoint = undefined)],
  ["answers 404", () => void (endpoint = endpoint?.replace("events", "nothing"))],
])("a push to an agent that %s is to come again", async (_, happen) => {
  await happen();
  expect(await push("git-from-push", { event_type: "git.push.v1" })).toBe(503);
});

test("a subscription that nobody knows, and what is no push, are refused", async () => {
  expect(await push("git-from-nowhere", {})).toBe(404);
  expect((await fetch(`${address}/push/git-from-push`, { method: "POST", body: "{}" })).status).toBe(400);
  expect((await fetch(`${address}/push/git-from-push`, { method: "POST" })).status).toBe(400);
});
