import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { MessageError, type Delivery, type Outcome, type Undeliverable } from "@contextpilot/messaging";
import type { FastifyInstance } from "fastify";
import { pushAuthenticator } from "./authenticate-push.ts";
import { createAgent } from "./create-agent.ts";
import { MAX_BODY_BYTES } from "./create-app.ts";
import { startIssuer, type Issuer } from "./issuer.fixture.ts";
import { createLogger } from "./logging.ts";
import { listen } from "./serve.ts";

const event = {
  event_id: "e1",
  event_type: "git.push.v1",
  timestamp: "2026-11-21T08:30:00Z",
  source: "webhook",
  data: {},
  tenant_id: "default",
  correlation_id: "c1",
  hops: 0,
};
const handled: Outcome = { kind: "handled", event, duplicate: false, published: [] };
const push = {
  message: { data: "e30=", messageId: "7", publishTime: "2026-11-21T08:30:00Z" },
  subscription: "projects/demo/subscriptions/git-from-push",
  deliveryAttempt: 3,
};

let issuer: Issuer;
let app: FastifyInstance;
let url: string;
let lines: string[];
let deliveries: Delivery[];
let setAside: [message: Undeliverable, error: MessageError][];
/** What the receiver does; each test may say otherwise. */
let receive: () => Promise<Outcome>;
let takeDeadLetter: () => Promise<void>;
let storeReady: () => Promise<void>;

beforeEach(async () => {
  issuer = await startIssuer();
  [lines, deliveries, setAside] = [[], [], []];
  receive = () => Promise.resolve(handled);
  takeDeadLetter = () => Promise.resolve();
  storeReady = () => Promise.resolve();
  app = createAgent({
    service: "git-agent",
    logger: createLogger({ service: "git-agent", destination: { write: (line) => void lines.push(line) } }),
    authenticate: pushAuthenticator(issuer.config),
    ready: { store: () => storeReady(), always: () => true },
    receiver: {
      receive: (delivery) => {
        deliveries.push(delivery);
        return receive();
      },
      setAside: (message, error) => {
        setAside.push([message, error]);
        return takeDeadLetter();
      },
    },
  });
  url = await listen(app, { host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
  await issuer.close();
});

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/events`, {
    method: "POST",
    headers: { authorization: issuer.bearer(), "content-type": "application/json", ...headers },
    body,
  });
const get = async (path: string): Promise<[number, unknown]> => {
  const response = await fetch(url + path);
  return [response.status, await response.json()];
};
const logged = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));

/** A connection of its own, for requests that no client would send. */
async function dial(head: string): Promise<Socket> {
  const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(head.replaceAll("\n", "\r\n"));
  return socket;
}

describe("how a delivery ended decides the answer", () => {
  const error = MessageError.retryable("unavailable", "the repository does not answer");
  test.each<[Outcome, number]>([
    [handled, 204],
    [{ kind: "taken" }, 204],
    [{ kind: "skipped", event, reason: "expired" }, 204],
    [{ kind: "dead-lettered", event, error }, 204],
    [{ kind: "retry", event, error }, 503],
  ])("$kind: %#", async (outcome, status) => {
    receive = () => Promise.resolve(outcome);
    const response = await post(JSON.stringify(push));
    expect(response.status).toBe(status);
    expect(await response.text()).toBe("");
    expect(deliveries).toMatchObject([{ messageId: "7", subscription: "git-from-push", deliveryAttempt: 3 }]);
    expect(logged()).toMatchObject([{ outcome: outcome.kind, attempt: 3 }]);
  });
});

describe("a delivery is one line of the log", () => {
  test("with its outcome, event, chain, attempt and duration", async () => {
    await post(JSON.stringify(push));
    expect(logged()).toEqual([
      {
        severity: "INFO",
        time: expect.any(String),
        service: "git-agent",
        message: "handled",
        outcome: "handled",
        subscription: "git-from-push",
        message_id: "7",
        event_id: "e1",
        event_type: "git.push.v1",
        correlation_id: "c1",
        tenant_id: "default",
        attempt: 3,
        duration_ms: expect.any(Number),
        duplicate: false,
        events: 0,
      },
    ]);
  });

  test("another tenant's event is a security warning", async () => {
    receive = () => Promise.resolve({ kind: "skipped", event, reason: "another-tenant" });
    await post(JSON.stringify(push));
    expect(logged()).toMatchObject([{ severity: "WARNING", reason: "another-tenant", security: true }]);
  });

  test("a handler that threw shows its stack, and nothing else of the error", async () => {
    const thrown = Object.assign(new Error("no such file"), { config: { headers: { authorization: "secret" } } });
    receive = () => Promise.resolve({ kind: "retry", event, error: MessageError.from(thrown) });
    await post(JSON.stringify(push));
    expect(logged()).toMatchObject([
      { severity: "WARNING", reason: "handler-failed", err: { message: "no such file" } },
    ]);
    expect(lines[0]).toContain("create-agent.test.ts");
    expect(lines[0]).not.toContain("secret");
  });

  test("other failures give their reason without a stack", async () => {
    const error = MessageError.retryable("conflict", "the state changed", { key: "tips/1" });
    receive = () => Promise.resolve({ kind: "retry", event, error });
    await post(JSON.stringify(push));
    expect(logged()).toMatchObject([{ reason: "conflict", problem: "the state changed [key=tips/1]" }]);
    expect(logged()[0]).not.toHaveProperty("err");
  });
});

describe("who may not push is refused before the body is read", () => {
  test.each<[string, number, string]>([
    ["no token", 401, ""],
    ["another audience", 401, "aud"],
    ["another account", 403, "email"],
  ])("%s: %i", async (_name, status, claim) => {
    const authorization = claim === "" ? "" : `Authorization: ${issuer.bearer({ [claim]: "another" })}\n`;
    // Announces a body that never comes: who waited for it would not answer.
    const socket = await dial(
      `POST /events HTTP/1.1\nHost: a\n${authorization}Content-Type: application/json\nContent-Length: 1000000\n\n{`,
    );
    const answer = await text(socket);
    expect(answer).toMatch(`HTTP/1.1 ${status} `);
    expect(answer).toMatch(/connection: close/i);
    expect(/www-authenticate: Bearer\r\n/i.test(answer)).toBe(status === 401);
    expect(deliveries).toEqual([]);
    expect(logged()).toMatchObject([{ severity: "WARNING", status, security: true }]);
  });

  test("two Authorization headers, both valid", async () => {
    const authorization = `Authorization: ${issuer.bearer()}\n`;
    const socket = await dial(
      `POST /events HTTP/1.1\nHost: a\n${authorization}${authorization}Content-Length: 2\n\n{}`,
    );
    expect(await text(socket)).toMatch("HTTP/1.1 401 ");
    expect(logged()).toMatchObject([{ reason: "several-authorization-headers" }]);
  });

  test("keys that cannot be had are our fault: 503", async () => {
    issuer.serve("down");
    expect((await post(JSON.stringify(push))).status).toBe(503);
    expect(deliveries).toEqual([]);
  });

  test("no token gets into the log, whatever becomes of it", async () => {
    const secrets = [
      issuer.bearer(),
      issuer.bearer({ aud: "another" }),
      `${issuer.bearer()}=`,
      "Bearer secret.secret.secret",
    ];
    for (const authorization of secrets) {
      await post(JSON.stringify(push), { authorization });
      await post("{", { authorization });
    }
    expect(lines).toHaveLength(8);
    for (const secret of secrets.flatMap((bearer) => bearer.slice("Bearer ".length).split("."))) {
      expect(lines.join("")).not.toContain(secret);
    }
  });
});

describe("what is no push goes to the dead letters byte for byte, and is acked", () => {
  test.each<[string, Uint8Array]>([
    ["an empty body", Buffer.of()],
    ["no JSON", Buffer.from("hello")],
    ["bad UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ["the same key twice", Buffer.from('{"message":{},"message":{}}')],
    ["nested 100 levels deep", Buffer.from("[".repeat(100) + "]".repeat(100))],
    ["no message", Buffer.from('{"subscription":"projects/demo/subscriptions/git-from-push"}')],
    ["bad base64", Buffer.from(JSON.stringify({ ...push, message: { ...push.message, data: "e30" } }))],
    ["wrong types", Buffer.from(JSON.stringify({ ...push, message: [] }))],
  ])("%s", async (_name, body) => {
    expect((await post(Buffer.from(body))).status).toBe(204);
    expect(deliveries).toEqual([]);
    expect(setAside).toHaveLength(1);
    expect(Buffer.from(setAside[0]![0].data).equals(body)).toBe(true);
    expect(setAside[0]![1]).toMatchObject({ code: "invalid-push" });
    expect(logged()).toMatchObject([{ outcome: "dead-lettered", reason: "invalid-push", severity: "WARNING" }]);
  });

  test("and comes again where the dead letter was not taken", async () => {
    takeDeadLetter = () => Promise.reject(MessageError.retryable("publish-failed", "the bus is down"));
    expect((await post("{")).status).toBe(503);
    expect(logged()).toMatchObject([{ outcome: "retry", reason: "publish-failed" }]);
  });
});

describe("what is too large, or not JSON by its name, is refused", () => {
  test("past 16 MiB: 413, announced or not", async () => {
    const body = new Uint8Array(MAX_BODY_BYTES + 1);
    const head = `POST /events HTTP/1.1\nHost: a\nAuthorization: ${issuer.bearer()}\nContent-Type: application/json\n`;
    const announced = await dial(`${head}Content-Length: ${body.length}\n\n`);
    expect(await text(announced)).toMatch("HTTP/1.1 413 ");
    const chunked = await dial(`${head}Transfer-Encoding: chunked\n\n${body.length.toString(16)}\n`);
    const answered = once(chunked, "data");
    chunked.on("error", () => {}).write(body);
    expect(String((await answered)[0])).toMatch("HTTP/1.1 413 ");
    expect([deliveries, setAside]).toEqual([[], []]);
  });

  test("16 MiB to the byte are taken", async () => {
    const frame = JSON.stringify(push);
    const body = frame.slice(0, -1) + " ".repeat(MAX_BODY_BYTES - frame.length) + "}";
    expect((await post(body)).status).toBe(204);
    expect(deliveries).toHaveLength(1);
  });

  test.each([
    { "content-type": "text/plain" },
    { "content-type": "application/cloudevents+json" },
    { "content-type": "application/jsonp" },
    { "content-type": "not a type" },
    { "content-encoding": "gzip" },
  ])("%j: 415", async (headers) => {
    expect((await post(JSON.stringify(push), headers)).status).toBe(415);
    expect([deliveries, setAside]).toEqual([[], []]);
  });

  test("no body and no type: 415", async () => {
    const response = await fetch(`${url}/events`, { method: "POST", headers: { authorization: issuer.bearer() } });
    expect(response.status).toBe(415);
  });

  test("JSON with a charset is JSON", async () => {
    expect((await post(JSON.stringify(push), { "content-type": "application/json; charset=utf-8" })).status).toBe(204);
  });

  test("a body that comes too slowly is cut off", async () => {
    expect(app.server.requestTimeout).toBe(10_000);
    Object.assign(app.server, { requestTimeout: 200, headersTimeout: 100 });
    const socket = await dial(
      `POST /events HTTP/1.1\nHost: a\nAuthorization: ${issuer.bearer()}\nContent-Type: application/json\nContent-Length: 9\n\n{`,
    );
    expect(await text(socket)).toMatch("HTTP/1.1 408 ");
    expect(deliveries).toEqual([]);
  });
});

describe("health", () => {
  test("lives, and is ready while every check holds", async () => {
    expect(await get("/health/live")).toEqual([200, { status: "ok", service: "git-agent" }]);
    expect(await get("/health/ready")).toEqual([
      200,
      { status: "ready", service: "git-agent", checks: { store: "ok", always: "ok" } },
    ]);
  });

  test("is not ready when a check fails, and tells only the log why", async () => {
    storeReady = () => Promise.reject(new Error("/data/git-agent.db is read-only"));
    expect(await get("/health/ready")).toEqual([
      503,
      { status: "not-ready", service: "git-agent", checks: { store: "failed", always: "ok" } },
    ]);
    expect(logged()).toMatchObject([{ check: "store", err: { message: "/data/git-agent.db is read-only" } }]);
  });

  test("a check's answer stands for a second: who asks often asks it once", async () => {
    let asked = 0;
    storeReady = async () => void (asked += 1);
    for (let time = 0; time < 5; time += 1) expect(await get("/health/ready")).toMatchObject([200, {}]);
    expect(asked).toBe(1);
  });

  test("a check that does not answer has failed", async () => {
    storeReady = () => new Promise(() => {});
    expect(await get("/health/ready")).toMatchObject([503, { checks: { store: "failed" } }]);
  });

  test("nothing else is there", async () => {
    expect(await get("/")).toEqual([404, { error: "Not Found" }]);
    expect(await get("/events")).toEqual([404, { error: "Not Found" }]);
  });
});

describe("close", () => {
  test("finishes and answers what runs, refuses what is new, and leaves no connection", async () => {
    const [release, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    receive = async () => {
      reached.resolve();
      await release.promise;
      return handled;
    };
    // A connection that stays open and says nothing, and one that is used again while the agent closes.
    await (await fetch(`${url}/health/live`)).text();
    const running = post(JSON.stringify(push));
    await reached.promise;
    const closed = app.close();
    const refused = await fetch(`${url}/health/live`);
    expect([refused.status, refused.headers.get("connection")]).toEqual([503, "close"]);
    release.resolve();
    expect((await running).status).toBe(204);
    await closed;
    await expect(fetch(`${url}/health/live`)).rejects.toThrow("fetch failed");
  });

  test("waits for a delivery whose sender has gone", async () => {
    const [release, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let finished = false;
    receive = async () => {
      reached.resolve();
      await release.promise;
      finished = true;
      return handled;
    };
    const body = JSON.stringify(push);
    const socket = await dial(
      `POST /events HTTP/1.1\nHost: a\nAuthorization: ${issuer.bearer()}\nContent-Type: application/json\nContent-Length: ${body.length}\n\n${body}`,
    );
    await reached.promise;
    socket.destroy();
    let closed = false;
    const closing = app.close().then(() => (closed = true));
    // Far more turns than closing takes where nothing is waited for.
    for (let turn = 0; turn < 200; turn += 1) await setImmediate();
    expect(closed).toBe(false);
    release.resolve();
    await closing;
    expect(finished).toBe(true);
  });
});
