import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import type { Delivery } from "@contextpilot/messaging";
import { until } from "@contextpilot/testing";
import { HttpPush } from "./http-push.ts";

const delivery: Delivery = {
  messageId: "1795000000000001",
  data: Uint8Array.from([0, 255, 104, 105]),
  attributes: { event_type: "git.commit.v1", ä: "é" },
  publishTime: "2026-11-21T08:00:00.123Z",
  orderingKey: "repository/main",
  subscription: "context-from-git",
  deliveryAttempt: 2,
};

describe("HTTP push", () => {
  let server: Server;
  let endpoint: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const requests: {
    method: string | undefined;
    url: string | undefined;
    headers: IncomingMessage["headers"];
    body: string;
  }[] = [];
  const nacks: string[] = [];
  let push: HttpPush;
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    answer(request, response);
  }
  const deliver = (target: { readonly endpoint?: string; readonly ackDeadlineSeconds?: number } = {}) =>
    push.to({ endpoint, audience: "https://agent", serviceAccount: "push@local", ackDeadlineSeconds: 10, ...target })(
      delivery,
    );

  beforeEach(async () => {
    requests.length = 0;
    nacks.length = 0;
    push = new HttpPush({
      tokens: {
        token: ({ audience, serviceAccount }) => Promise.resolve(`token-of-${serviceAccount}-for-${audience}`),
      },
      onNack: ({ messageId }, why) => nacks.push(`${messageId} ${why}`),
    });
    server = createServer((request, response) => void serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events?from=bus`;
    answer = (_, response) => response.writeHead(204).end();
  });
  afterEach(async () => {
    await push.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("posts Pub/Sub's envelope, with a bearer token", async () => {
    expect(await deliver()).toBe("ack");
    const [request] = requests;
    expect(request).toMatchObject({
      method: "POST",
      url: "/events?from=bus",
      headers: { "content-type": "application/json", authorization: "Bearer token-of-push@local-for-https://agent" },
    });
    expect(JSON.parse(request?.body ?? "")).toEqual({
      message: {
        data: "AP9oaQ==",
        attributes: { event_type: "git.commit.v1", ä: "é" },
        messageId: "1795000000000001",
        message_id: "1795000000000001",
        publishTime: "2026-11-21T08:00:00.123Z",
        publish_time: "2026-11-21T08:00:00.123Z",
        orderingKey: "repository/main",
      },
      subscription: "projects/local/subscriptions/context-from-git",
      deliveryAttempt: 2,
    });
  });

  test.each([200, 201, 202, 204])("%i acks", async (status) => {
    answer = (_, response) => response.writeHead(status).end(status === 204 ? undefined : "a body");
    expect(await deliver()).toBe("ack");
  });

  test.each([203, 205, 206, 301, 304, 307, 400, 401, 403, 404, 409, 413, 415, 429, 500, 502, 503])(
    "%i nacks",
    async (status) => {
      answer = (_, response) => response.writeHead(status, { location: "/elsewhere" }).end();
      expect(await deliver()).toBe("nack");
      expect(nacks).toEqual([`1795000000000001 answered ${status}`]);
      expect(requests).toHaveLength(1);
    },
  );

  test("102 acks, whatever comes after it; 103 says nothing", async () => {
    answer = (_, response) => {
      response.writeProcessing();
      response.writeHead(500).end();
    };
    expect(await deliver()).toBe("ack");
    answer = (_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.writeHead(503).end();
    };
    expect(await deliver()).toBe("nack");
  });

  test("the ack deadline is the time limit: the request ends, as a nack", async () => {
    const ended = Promise.withResolvers<void>();
    answer = (_, response) => response.once("close", ended.resolve);
    expect(await deliver({ ackDeadlineSeconds: 0.05 })).toBe("nack");
    await ended.promise;
    expect(nacks).toEqual(["1795000000000001 no answer within 0.05 s"]);
  });

  test("nobody listening, and a connection cut in the middle, are nacks", async () => {
    answer = (request) => request.socket.destroy();
    expect(await deliver()).toBe("nack");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await deliver()).toBe("nack");
    expect(nacks[1]).toContain("ECONNREFUSED");
  });

  test("a token that cannot be had is a nack", async () => {
    await push.close();
    push = new HttpPush({
      tokens: { token: () => Promise.reject(new Error("no key")) },
      onNack: (_, why) => nacks.push(why),
    });
    expect(await deliver()).toBe("nack");
    expect(nacks).toEqual(["no key"]);
  });

  test("connections are used again", async () => {
    let connections = 0;
    server.on("connection", () => connections++);
    answer = (_, response) => response.end("x".repeat(10_000));
    for (let n = 0; n < 10; n++) expect(await deliver()).toBe("ack");
    // A push is answered by its status: the next may begin before the body of the last has come.
    expect(connections).toBeLessThanOrEqual(2);
  });

  test("close ends the pushes that run, as nacks", async () => {
    answer = () => {};
    const running = deliver();
    await until(() => requests.length === 1, "the push");
    await push.close();
    expect(await running).toBe("nack");
  });

  test("an endpoint that is no URL is refused before anything is pushed", () => {
    expect(() => deliver({ endpoint: "not a url" })).toThrow("Invalid URL");
  });
});
