import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import {
  RecordingPublisher,
  badMessages,
  commitAgent,
  goodCommit,
  until,
  type BadMessage,
  type CommitAgent,
} from "@contextpilot/testing";
import type { FastifyInstance } from "fastify";
import { pushAuthenticator } from "./authenticate-push.ts";
import { createAgent } from "./create-agent.ts";
import { MAX_BODY_BYTES, createApp } from "./create-app.ts";
import { startIssuer, type Issuer } from "./issuer.fixture.ts";
import { createLogger } from "./logging.ts";
import { listen } from "./serve.ts";

/** How long a request may take where a test waits for it. */
const IMPATIENT_MS = 300;
/** The limit is 10 s where nothing else is said. */
const FAR_LESS_THAN_USUAL_MS = 6_000;

let issuer: Issuer;
let app: FastifyInstance;
/** The same agent, behind a listener that waits for no one. */
let impatient: FastifyInstance;
let agent: CommitAgent;
let publisher: RecordingPublisher;
let lines: string[];
const logger = createLogger({ service: "context-agent", destination: { write: (line) => void lines.push(line) } });

beforeAll(async () => {
  issuer = await startIssuer();
  lines = [];
  publisher = new RecordingPublisher();
  agent = commitAgent(publisher);
  const options = {
    service: "context-agent",
    logger,
    authenticate: pushAuthenticator(issuer.config),
    receiver: agent.receiver,
  };
  app = createAgent(options);
  impatient = createAgent({ ...options, requestTimeoutMs: IMPATIENT_MS });
  await Promise.all([app, impatient].map((listener) => listen(listener, { host: "127.0.0.1", port: 0 })));
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(async () => {
  for (const listener of [app, impatient]) {
    listener.server.closeAllConnections();
    await listener.close();
  }
  await issuer.close();
});

async function dial(listener = app): Promise<Socket> {
  const socket = connect((listener.server.address() as AddressInfo).port, "127.0.0.1");
  // Whoever is cut off while still sending hears of it so.
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/**
 * The statuses that were answered on one connection, which is closed by the agent or, after as many answers, by us. `drip` is sent
 * again and again until then.
 */
async function statusesOf(
  request: string | Uint8Array,
  {
    answers = 1,
    of = app,
    drip = "",
  }: { readonly answers?: number; readonly of?: FastifyInstance; readonly drip?: string } = {},
): Promise<readonly number[]> {
  const socket = await dial(of);
  let said = "";
  const found = (): readonly number[] => [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  socket.on("data", (bytes: Buffer) => {
    said += bytes.toString("latin1");
    if (found().length >= answers) socket.end();
  });
  socket.write(request);
  const dripping = drip === "" ? undefined : setInterval(() => socket.write(drip), IMPATIENT_MS / 20);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(dripping);
  return found();
}

let messages = 0;
function pushOf({ data, attributes }: Pick<BadMessage, "data" | "attributes">): string {
  const message = { data: Buffer.from(data).toString("base64"), attributes, messageId: String(++messages) };
  const publishTime = "2026-11-21T08:30:00Z";
  return JSON.stringify({
    message: { ...message, publishTime },
    subscription: "projects/p/subscriptions/context-from-git",
  });
}

/** A request as it goes over the wire; `\n` in the headers stands for a line's end. */
function request(body: string | Uint8Array, headers = ""): Uint8Array {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(head(`Content-Length: ${bytes.length}\n${headers}`)), bytes]);
}

const head = (headers: string, authorization = `Authorization: ${issuer.bearer()}\n`): string =>
  `POST /events HTTP/1.1\nHost: agent\nContent-Type: application/json\n${authorization}${headers}\n`.replaceAll(
    "\n",
    "\r\n",
  );

const raw = (headers: string, body = ""): string => head(headers) + body;
const chunked = "Transfer-Encoding: chunked\n";
const chunks = "2\r\n{}\r\n0\r\n\r\n";
const many = (count: number): string => Array.from({ length: count }, (_, at) => `x${at}: y\n`).join("");
const good = (): Uint8Array => request(pushOf(goodCommit()));

const connections = (): Promise<number> =>
  new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });

/** What a request left behind: dead letters, commits to the store, the last line of the log. */
async function afterwards<T>(act: () => Promise<T>) {
  const [dead, commits] = [publisher.deadLetters.length, agent.commits()];
  const result = await act();
  return {
    result,
    deadLetters: publisher.deadLetters.slice(dead).map(({ topic, data, attributes }) => ({
      topic,
      bytes: Buffer.from(data).toString("latin1"),
      code: attributes["dead_letter_code"],
    })),
    commits: agent.commits() - commits,
  };
}

async function expectAlive(): Promise<void> {
  const handled = await afterwards(() => statusesOf(good()));
  expect(handled).toEqual({ result: [204], deadLetters: [], commits: 1 });
}

const messagesOfTheTable = badMessages().map((message) => [message.name, message.ends, message] as const);

test.each(messagesOfTheTable)("a push of %s: %s", async (_name, ends, message) => {
  const sent = await afterwards(() => statusesOf(request(pushOf(message))));
  const [line] = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
  const isDead = line?.["outcome"] === "dead-lettered";
  const letter = { topic: "git-events-dlq", bytes: Buffer.from(message.data).toString("latin1"), code: ends };
  expect(sent).toEqual({ result: [204], deadLetters: isDead ? [letter] : [], commits: ends === "handled" ? 1 : 0 });
  expect([line?.["outcome"], line?.["reason"]]).toContain(ends);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.length).toBeLessThan(2_000);
  await expectAlive();
});

const nested = "[".repeat(100_000) + "]".repeat(100_000);
const push = (fields: object, message: object = {}): string => {
  const good = JSON.parse(pushOf(goodCommit())) as { message: object };
  return JSON.stringify({ ...good, ...fields, message: { ...good.message, ...message } });
};
const bodies = (): Readonly<Record<string, string | Uint8Array>> => ({
  "100,000 nested arrays": nested,
  "100,000 nested arrays in a field that nobody reads": push({ extra: "?" }).replace('"?"', nested),
  "1e400 deliveries": push({ deliveryAttempt: "?" }).replace('"?"', "1e400"),
  "a number in a field that nobody reads, which would change": push({ extra: "?" }).replace('"?"', "9007199254740993"),
  "a byte order mark": `\uFEFF${push({})}`,
  "gzip that does not say so": gzipSync(push({})),
  "a NUL behind the push": `${push({})}\0`,
  "a message id of 10 KB": push({}, { messageId: "7".repeat(10_240) }),
  "a message id that is no valid Unicode": push({}, { messageId: "\ud800" }),
  "a subscription of 10 KB": push({ subscription: `projects/p/subscriptions/${"s".repeat(10_240)}` }),
  "a subscription with a line's end": push({ subscription: "projects/p/subscriptions/context\nfrom-git" }),
  "the year 99999": push({}, { publishTime: "99999-01-01T00:00:00Z" }),
  "attributes in attributes": push({}, { attributes: { a: { b: "c" } } }),
  "an attribute twice": push({}, { attributes: "?" }).replace('"?"', '{"hops":"0","hops":"1"}'),
  "__proto__ instead of a message": `{"__proto__":${push({})}}`,
  "an empty body": "",
  "16 MiB of blanks": " ".repeat(MAX_BODY_BYTES),
  "a list of 5 million": `[${"0,".repeat(5_000_000)}0]`,
});

test.each(Object.keys(bodies()))(
  "a body of %s is a dead letter, byte for byte where a message has room for it",
  async (name) => {
    const body = Buffer.from(bodies()[name] ?? "");
    const sent = await afterwards(() => statusesOf(request(body)));
    expect(sent).toMatchObject({ result: [204], commits: 0, deadLetters: [{ code: "invalid-push" }] });
    const [letter = { bytes: "" }] = sent.deadLetters;
    expect(letter.bytes).toHaveLength(Math.min(body.length, Math.max(letter.bytes.length, 9_800_000)));
    expect(Buffer.from(letter.bytes, "latin1").equals(body.subarray(0, letter.bytes.length))).toBe(true);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.length).toBeLessThan(2_000);
    await expectAlive();
  },
);

describe("what breaks HTTP is refused, and nothing of it is kept", () => {
  test.each<[status: number, name: string, request: () => string | Uint8Array]>([
    [431, "1,000 headers", () => request("{}", many(1_000))],
    [431, "101 short headers", () => request("{}", "a:\n".repeat(101))],
    [431, "a header of 100 KB", () => request("{}", `x: ${"y".repeat(100_000)}\n`)],
    [431, "a token of 100 KB", () => head("Content-Length: 2\n", `Authorization: Bearer ${"a".repeat(100_000)}\n`)],
    [431, "an address of 100 KB", () => raw("").replace("/events", `/${"e".repeat(100_000)}`)],
    [401, "two Authorization headers", () => request("{}", `Authorization: ${issuer.bearer()}\n`)],
    [
      401,
      "two Authorization headers, the first empty",
      () => head(`Authorization: ${issuer.bearer()}\n`, "Authorization:\n"),
    ],
    [401, "a token that is no token", () => head("Content-Length: 2\n", "Authorization: Bearer e30.e30.e30\n")],
    [400, "two lengths", () => raw("Content-Length: 2\nContent-Length: 3\n", "{}")],
    [400, "the same length twice", () => raw("Content-Length: 2\nContent-Length: 2\n", "{}")],
    [400, "a length below zero", () => raw("Content-Length: -1\n", "{}")],
    [400, "a length that is no number", () => raw("Content-Length: 2x\n", "{}")],
    [400, "a length and chunks", () => raw(`Content-Length: 2\n${chunked}`, chunks)],
    [400, "chunks and a length", () => raw(`${chunked}Content-Length: 2\n`, chunks)],
    [400, "chunks twice", () => raw(chunked + chunked, chunks)],
    [400, "chunks, spelt with a blank", () => raw("Transfer-Encoding : chunked\n", chunks)],
    [415, "a coding that is not chunks", () => raw("Transfer-Encoding: gzip\n", chunks)],
    [415, "gzip in chunks", () => raw("Transfer-Encoding: gzip, chunked\n", chunks)],
    [415, "gzip", () => request(gzipSync(push({})), "Content-Encoding: gzip\n")],
    [415, "gzip in gzip", () => request(gzipSync(push({})), "Content-Encoding: gzip, identity\n")],
    [400, "a chunk whose size is no number", () => raw(chunked, "zz\r\n{}\r\n0\r\n\r\n")],
    [400, "a chunk larger than anything", () => raw(chunked, `${"f".repeat(17)}\r\n`)],
    [400, "chunks with long remarks", () => raw(chunked, `2;${"a".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`)],
    [
      413,
      "17 MiB that were not announced",
      () => raw(chunked, `1100000\r\n${" ".repeat(17 * 1024 * 1024)}\r\n0\r\n\r\n`),
    ],
    [400, "a NUL in a header", () => request("{}", "x: a\0b\n")],
    [400, "a header on two lines", () => request("{}", "x: a\n b\n")],
    [400, "no Host", () => raw("Content-Length: 2\n", "{}").replace("Host: agent\r\n", "")],
    [400, "HTTP/2", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    [400, "no HTTP", () => "hello\r\n\r\n"],
    [400, "TLS", () => Buffer.from("16030100a5010000a10303", "hex")],
  ])("%i: %s", async (status, _name, make) => {
    const { result, ...left } = await afterwards(() => statusesOf(make()));
    // After its answer a connection may still be told that what follows is no HTTP.
    expect([result[0], left]).toEqual([status, { deadLetters: [], commits: 0 }]);
    await expectAlive();
  });

  test("a sender that goes away in the middle leaves nothing", async () => {
    const sent = await afterwards(async () => {
      const socket = await dial();
      socket.write(request(pushOf(goodCommit())).subarray(0, -10));
      await once(socket.resetAndDestroy(), "close");
      await until(async () => (await connections()) === 0, "the connection to be closed");
    });
    expect(sent).toEqual({ result: undefined, deadLetters: [], commits: 0 });
    await expectAlive();
  });
});

describe("what comes in too slowly is cut off, and nothing of it is kept", () => {
  test.each<[name: string, request: () => string]>([
    ["a body that stops", () => raw("Content-Length: 100\n", "{")],
    ["chunks without an end", () => raw(chunked, "2\r\n{}\r\n")],
    ["headers without an end", () => head("").slice(0, -2)],
  ])("408: %s", async (_name, make) => {
    const start = performance.now();
    const sent = await afterwards(() => statusesOf(make(), { of: impatient }));
    expect(sent).toEqual({ result: [408], deadLetters: [], commits: 0 });
    expect(performance.now() - start).toBeLessThan(FAR_LESS_THAN_USUAL_MS);
  });

  test.each([
    ["Content-Length: 1000000\n", " "],
    [chunked, "1\r\n \r\n"],
  ])("408: a body that drips (%j)", async (framing, drip) => {
    const start = performance.now();
    const sent = await afterwards(() => statusesOf(raw(framing), { of: impatient, drip }));
    expect(sent).toEqual({ result: [408], deadLetters: [], commits: 0 });
    expect(performance.now() - start).toBeGreaterThanOrEqual(IMPATIENT_MS * 0.9);
    expect(performance.now() - start).toBeLessThan(FAR_LESS_THAN_USUAL_MS);
    await expectAlive();
  });

  test("the limit is 10 s where nothing else is said, and its half for headers", async () => {
    const usual = createApp({ service: "context-agent", logger });
    expect([usual.server.requestTimeout, usual.server.headersTimeout]).toEqual([10_000, 5_000]);
    await usual.close();
  });
});

describe("several requests on one connection", () => {
  test("a bad push, then a good one: each has its answer", async () => {
    const sent = await afterwards(() =>
      statusesOf(Buffer.concat([request("{"), good(), request("["), good()]), { answers: 4 }),
    );
    expect(sent).toMatchObject({
      result: [204, 204, 204, 204],
      commits: 2,
      deadLetters: [{ bytes: "{" }, { bytes: "[" }],
    });
  });

  test("each needs its own token: what is behind a good one is refused without", async () => {
    const body = pushOf(goodCommit());
    const without = head(`Content-Length: ${body.length}\n`, "") + body;
    const sent = await afterwards(() => statusesOf(Buffer.concat([good(), Buffer.from(without)]), { answers: 2 }));
    expect(sent).toEqual({ result: [204, 401], deadLetters: [], commits: 1 });
  });

  test("a body is no request: what is hidden in one stays there", async () => {
    const hidden = Buffer.from(good());
    const sent = await afterwards(() => statusesOf(request(hidden)));
    expect(sent).toMatchObject({ result: [204], commits: 0, deadLetters: [{ bytes: hidden.toString("latin1") }] });
    await expectAlive();
  });
});
