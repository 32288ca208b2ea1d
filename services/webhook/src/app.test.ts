import { createHmac } from "node:crypto";
import { createLogger } from "@contextpilot/agent-host";
import type { Publisher } from "@contextpilot/messaging";
import { RecordingPublisher } from "@contextpilot/testing";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { createWebhook } from "./app.ts";
import { MAX_UPDATES } from "./read-push.ts";
import { sign } from "./signature.ts";

const SECRET = "a-secret-of-the-tests";
const A = "a".repeat(40);
const B = "b".repeat(40);
const NOTHING = "0".repeat(40);
const update = { ref: "refs/heads/main", before: A, after: B };
const push = { repository: "shop", ...update };
const githubPush = {
  ref: push.ref,
  before: A,
  after: B,
  forced: true,
  repository: { full_name: "acme/shop", id: 7 },
  commits: [],
};

let bus: RecordingPublisher;
let app: FastifyInstance;
let lines: string[];

function open(publisher: Publisher, tenant?: string): FastifyInstance {
  const logger = createLogger({ service: "webhook", destination: { write: (line) => void lines.push(line) } });
  return createWebhook({ secret: SECRET, tenant, publisher, logger, clock: { now: () => new Date(0) } });
}

beforeEach(() => {
  lines = [];
  bus = new RecordingPublisher();
  app = open(bus);
});
afterEach(() => app.close());

const bytesOf = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));

/** Posts with the right signature; `headers` replace what is sent, undefined leaves one out. */
function post(
  body: unknown,
  {
    url = "/webhooks/git",
    headers = {},
  }: { url?: string; headers?: Record<string, string | string[] | undefined> } = {},
): Promise<LightMyRequestResponse> {
  const payload = bytesOf(body);
  const all = { "content-type": "application/json", "x-hub-signature-256": sign(SECRET, payload), ...headers };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return app.inject({ method: "POST", url, payload, headers: sent as Record<string, string> });
}

const postGitHub = (event: string | undefined, body: unknown) =>
  post(body, { url: "/webhooks/github", headers: { "x-github-event": event } });

describe("who may come in", () => {
  const body = bytesOf(push);
  const right = sign(SECRET, body);

  test.each<[string, string | string[] | undefined]>([
    ["no signature", undefined],
    ["an empty signature", ""],
    ["a digest without its algorithm", right.slice("sha256=".length)],
    ["a short digest", right.slice(0, -2)],
    ["a long digest", `${right}00`],
    ["a digest that is not hex", `${right.slice(0, -1)}g`],
    ["a SHA-1 digest", `sha1=${createHmac("sha1", SECRET).update(body).digest("hex")}`],
    ["another secret's digest", sign("another-secret-of-the-tests", body)],
    ["the digest of other bytes", sign(SECRET, Buffer.from(`${body.toString()} `))],
    ["two signatures, one of them right", [right, sign(SECRET, Buffer.from("{}"))]],
  ])("%s is refused with 401", async (_case, signature) => {
    const response = await post(body, { headers: { "x-hub-signature-256": signature } });

    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ error: { code: "unauthenticated" } });
    expect(bus.messages).toEqual([]);
  });

  test("a right SHA-1 signature in GitHub's older header is no signature", async () => {
    const sha1 = `sha1=${createHmac("sha1", SECRET).update(body).digest("hex")}`;
    const headers = { "x-hub-signature-256": undefined, "x-hub-signature": sha1 };
    expect((await post(body, { headers })).statusCode).toBe(401);
  });

  test("the digest may be written in upper-case hex: it is the same digest", async () => {
    const signature = `sha256=${right.slice("sha256=".length).toUpperCase()}`;
    expect((await post(body, { headers: { "x-hub-signature-256": signature } })).statusCode).toBe(202);
  });

  test("a body that differs from the signed one only in bytes that are no UTF-8 is refused", async () => {
    const signed = Buffer.from(JSON.stringify({ ...push, repository: "\uFFFD" }));
    const sent = Buffer.from(signed.toString("latin1").replace("\u00EF\u00BF\u00BD", "\u00FF"), "latin1");
    expect(sent.toString()).toBe(signed.toString());

    expect((await post(sent, { headers: { "x-hub-signature-256": sign(SECRET, signed) } })).statusCode).toBe(401);
  });

  test("what nobody signed is neither published nor logged, and the secret and signature never are", async () => {
    const forged = sign("another-secret-of-the-tests", bytesOf({ repository: "leaked" }));
    await post({ repository: "leaked" }, { headers: { "x-hub-signature-256": forged } });
    await post(push);

    expect(lines).toHaveLength(2);
    const log = lines.join("");
    for (const secret of ["leaked", SECRET, forged.slice(7), right.slice(7)]) expect(log).not.toContain(secret);
  });

  test("a secret that is missing or too short stops the start, and is not shown", () => {
    const logger = createLogger({ service: "webhook", level: "silent" });
    expect(() => createWebhook({ secret: "", publisher: bus, logger })).toThrow("16 characters");
    expect(() => createWebhook({ secret: "fifteen-letters", publisher: bus, logger })).toThrow(
      /^(?!.*fifteen-letters).*16 characters/,
    );
  });
});

describe("POST /webhooks/git", () => {
  test("a push is on the bus as git.push.v1 when it is answered", async () => {
    const response = await post(push);

    const [event] = bus.events;
    expect(event).toMatchObject({ event_type: "git.push.v1", source: "webhook", data: { ...push, forced: false } });
    expect(bus.messages[0]).toMatchObject({ topic: "git-events", orderingKey: "shop" });
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({
      accepted: [{ ref: push.ref, event_id: event?.event_id, correlation_id: event?.event_id }],
    });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      route: "/webhooks/git",
      status: 202,
      events: [event?.event_id],
    });
  });

  test("a repeated push says the same event, another push another one", async () => {
    await post(push);
    await post({ ...push, forced: false });
    await post({ ...push, after: A });

    const [first, again, other] = bus.events.map(({ event_id }) => event_id);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test("a push is its tenant's where the webhook serves one, else of default", async () => {
    await post(push);
    await app.close();
    app = open(bus, "acme");
    await post(push);
    expect(bus.events.map(({ tenant_id }) => tenant_id)).toEqual(["default", "acme"]);
  });

  test("a push of several refs says one event for each, in one call to the bus", async () => {
    const calls: number[] = [];
    await app.close();
    app = open({ publish: (messages) => (calls.push(messages.length), bus.publish(messages)) });
    const updates = [
      { ref: "refs/heads/main", before: A, after: B, forced: true },
      { ref: "refs/tags/v1", before: NOTHING, after: B },
      { ref: "refs/heads/old", before: A, after: NOTHING },
    ];

    const response = await post({ repository: "shop", updates });

    expect(calls).toEqual([3]);
    expect(bus.events.map(({ data }) => data)).toEqual(
      updates.map((update) => ({ repository: "shop", forced: false, ...update })),
    );
    expect(response.json<{ accepted: { ref: string }[] }>().accepted.map(({ ref }) => ref)).toEqual(
      updates.map(({ ref }) => ref),
    );
  });

  test.each(["refs/heads/größe/🚀", 'refs/heads/it\'s-"quoted"', "refs/heads/--upload-pack=x", "refs/heads/a;b$(c)"])(
    "the branch name %s passes as it is",
    async (ref) => {
      expect((await post({ ...push, ref })).statusCode).toBe(202);
      expect(bus.events[0]?.data).toMatchObject({ ref });
    },
  );

  test.each<[string, unknown, string]>([
    ["no JSON", Buffer.from("{"), "is not JSON"],
    ["nothing", Buffer.alloc(0), "is not JSON"],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "is not valid UTF-8"],
    ["a key twice", Buffer.from(`{"repository":"a","repository":"b"}`), "same key twice"],
    ["a list", [push], "the body: "],
    ["null", null, "the body: "],
    ["no repository", { ...push, repository: undefined }, "repository: "],
    ["an empty repository", { ...push, repository: "" }, "repository: "],
    ["a branch without refs/heads/", { ...push, ref: "main" }, "ref: must be a full ref name"],
    ["a short object name", { ...push, after: "abc1234" }, "after: must be a full object name"],
    ["a number for a name", { ...push, before: 7 }, "before: "],
    ["a misspelt field", { ...push, force: true }, `the body: Unrecognized key: "force"`],
    ["another's cursor", { ...push, cursor: { offset: 9, known_tips: [] } }, "the body: "],
    ["no updates", { repository: "shop", updates: [] }, "updates: "],
    ["a bad update", { repository: "shop", updates: [update, { ...update, after: "x" }] }, "updates.1.after: "],
    [
      "too many updates",
      {
        repository: "shop",
        updates: Array.from({ length: MAX_UPDATES + 1 }, () => update),
      },
      "updates: ",
    ],
  ])("%s is refused with 400 that says what and where", async (_case, body, where) => {
    const response = await post(body);

    expect(response.statusCode).toBe(400);
    expect(response.json<{ error: { message: string } }>().error.message).toContain(where);
    expect(bus.messages).toEqual([]);
  });

  test("a body over 1 MiB is refused with 413", async () => {
    const response = await post(Buffer.alloc(1024 * 1024 + 1, " "));
    expect([response.statusCode, response.json()]).toMatchObject([413, { error: { code: "too-large" } }]);
  });

  test.each(["application/x-www-form-urlencoded", "text/plain", undefined])(
    "the media type %s is refused with 415 and the remedy",
    async (type) => {
      const response = await post(push, { headers: { "content-type": type } });
      expect(response.statusCode).toBe(415);
      expect(response.json()).toMatchObject({
        error: { message: "set the webhook's content type to application/json" },
      });
    },
  );
});

describe("when the bus does not take it", () => {
  test("a bus that is down is 503, to be tried again", async () => {
    bus.refuse();
    const response = await post(push);

    expect(response.statusCode).toBe(503);
    expect(response.headers["retry-after"]).toBe("1");
    expect(response.json()).toMatchObject({ error: { code: "bus-unavailable" } });
    expect(lines.join("")).toContain("the bus is down");
  });

  test("a bus that does not answer is 503 within a second", async () => {
    await app.close();
    app = open({ publish: () => new Promise(() => {}) });
    const start = performance.now();

    expect((await post(push)).statusCode).toBe(503);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe("POST /webhooks/github", () => {
  test("a push event is said with the repository's full name", async () => {
    const response = await postGitHub("push", githubPush);

    expect(response.statusCode).toBe(202);
    expect(bus.events.map(({ data }) => data)).toEqual([
      { repository: "acme/shop", ref: push.ref, before: A, after: B, forced: true },
    ]);
  });

  test("a deleted branch is said too", async () => {
    await postGitHub("push", { ...githubPush, after: NOTHING, deleted: true, head_commit: null });
    expect(bus.events[0]?.data).toMatchObject({ after: NOTHING });
  });

  test("a payload over 1 MiB is taken: GitHub sends up to 25 MB", async () => {
    const padding = "x".repeat(2 * 1024 * 1024);
    expect((await postGitHub("push", { ...githubPush, padding })).statusCode).toBe(202);
  });

  test("a ping is answered and says nothing", async () => {
    expect((await postGitHub("ping", { zen: "Keep it logically awesome.", hook_id: 1 })).statusCode).toBe(200);
    expect(bus.messages).toEqual([]);
  });

  test("other events are ignored with a word", async () => {
    const response = await postGitHub("issues", { action: "opened" });
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({ accepted: [], ignored: "only push events are heard here" });
    expect(bus.messages).toEqual([]);
  });

  test.each<[string, string | undefined, unknown, string]>([
    ["no event header", undefined, githubPush, "X-GitHub-Event"],
    ["no repository", "push", { ...githubPush, repository: undefined }, "repository: "],
    ["a repository without its name", "push", { ...githubPush, repository: { id: 7 } }, "repository.full_name: "],
  ])("%s is refused with 400", async (_case, event, body, where) => {
    const response = await postGitHub(event, body);
    expect(response.statusCode).toBe(400);
    expect(response.json<{ error: { message: string } }>().error.message).toContain(where);
  });

  test("an event that is not signed is not even answered as a ping", async () => {
    const headers = { "x-github-event": "ping", "x-hub-signature-256": undefined };
    expect((await post({ zen: "" }, { url: "/webhooks/github", headers })).statusCode).toBe(401);
  });
});

test.each(["/health/live", "/health/ready"])("%s needs no signature", async (url) => {
  expect((await app.inject({ url })).statusCode).toBe(200);
});

test("there is no /events behind the public door", async () => {
  expect((await post(push, { url: "/events" })).statusCode).toBe(404);
});
