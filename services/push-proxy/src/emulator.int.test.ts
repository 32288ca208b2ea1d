import { createLogger, listen } from "@contextpilot/agent-host";
import { LocalIssuer } from "@contextpilot/broker";
import { describeOn, pubsubEmulator, until } from "@contextpilot/testing";
import type { ResolvedSubscription } from "@contextpilot/topology";
import fastify, { type FastifyInstance } from "fastify";
import { createPushProxy } from "./app.ts";

const logger = createLogger({ service: "push-proxy", level: "silent" });
const subscription = {
  name: "spec-from-tests",
  topic: "tests",
  service: "spec-agent",
  filter: 'attributes.event_type = "wanted"',
  ordered: true,
  raw: false,
  ackDeadlineSeconds: 10,
  retry: { minimumSeconds: 10, maximumSeconds: 600 },
  deadLetter: { topic: "tests-dlq", maxDeliveryAttempts: 100 },
  retentionDays: 7,
} satisfies ResolvedSubscription;

interface Push {
  readonly authorization: string | undefined;
  readonly body: { message: { data: string; orderingKey?: string }; deliveryAttempt?: number };
}

describeOn(pubsubEmulator, "the emulator's pushes", (emulator) => {
  let proxy: FastifyInstance;
  let agent: FastifyInstance;
  let pushes: Push[];
  let answers: number[];

  async function ask(method: string, path: string, body: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const url = `http://${emulator().host}/v1/projects/test/${path}`;
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    expect([answer.status, await answer.json()]).toEqual([200, expect.anything()]);
  }
  const publish = (text: string, event_type: string) => {
    const attributes = { event_type, ordering_key: "shop" };
    const data = Buffer.from(text).toString("base64");
    return ask("POST", "topics/tests:publish", { messages: [{ data, attributes, orderingKey: "shop" }] });
  };

  beforeEach(async () => {
    pushes = [];
    answers = [];
    agent = fastify();
    agent.post<{ Body: Push["body"] }>("/events", (request, reply) => {
      pushes.push({ authorization: request.headers.authorization, body: request.body });
      return reply.code(answers.shift() ?? 204).send();
    });
    const endpoint = `${await listen(agent, { host: "127.0.0.1", port: 0 })}/events`;
    const target = { endpoint, audience: "a", serviceAccount: "p@example.org", ackDeadlineSeconds: 10 };
    proxy = createPushProxy({ issuer: () => issuer, logger, targetOf: () => target, subscriptions: [subscription] });
    const address = await listen(proxy, { host: "127.0.0.1", port: 0 });
    const issuer = new LocalIssuer({ issuer: address });
    await ask("PUT", "topics/tests", {});
    await ask("PUT", `subscriptions/${subscription.name}`, {
      topic: "projects/test/topics/tests",
      filter: subscription.filter,
      enableMessageOrdering: true,
      pushConfig: { pushEndpoint: `${address}/push/${subscription.name}` },
      retryPolicy: { minimumBackoff: "0.1s", maximumBackoff: "1s" },
    });
  });
  afterEach(async () => {
    await ask("DELETE", `subscriptions/${subscription.name}`, {});
    await proxy.close();
    await agent.close();
  });

  test("arrive filtered, with token, attempt and ordering key, in order, and again until they are acked", async () => {
    answers = [503, 403];
    await publish("first", "wanted");
    await publish("second", "another");
    await publish("third", "wanted");
    await until(
      () => pushes.length >= 4,
      () => `4 pushes, there were ${pushes.length}`,
      { withinMs: 60_000 },
    );
    const seen = pushes.map(({ body: { message, deliveryAttempt } }) => [
      Buffer.from(message.data, "base64").toString(),
      deliveryAttempt,
      message.orderingKey,
    ]);
    expect(seen).toEqual([
      ["first", 1, "shop"],
      ["first", 2, "shop"],
      ["first", 3, "shop"],
      ["third", 1, "shop"],
    ]);
    for (const { authorization } of pushes) expect(authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  });
});
