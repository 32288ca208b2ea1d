import { join } from "node:path";
import { createLogger } from "@contextpilot/agent-host";
import { FirestoreConnection } from "@contextpilot/firestore";
import type { FastifyInstance } from "fastify";
import type { ChainAnswer, DeadLetterAnswer, ErrorAnswer, Nudge } from "./answers.ts";
import { causeOf, groupIdOf } from "./dead-letters/cause.ts";
import { FirestoreReadModel } from "./firestore-read-model.ts";
import { StoreFollower } from "./follow-store.ts";
import { commit, nudge, push, said, temporaryFolder } from "./house.fixture.ts";
import type { Chain, DeadLetter, FiledDeadLetter, Page, SeenEvent } from "./read-model.ts";
import { SqliteReadModel } from "./sqlite-read-model.ts";
import { createWeb } from "./web.ts";

const SEEN = "2026-03-02T12:00:01.000Z";

let folder: ReturnType<typeof temporaryFolder>;
let model: SqliteReadModel;
let web: FastifyInstance;

beforeEach(async () => {
  folder = temporaryFolder();
  model = SqliteReadModel.open({ file: join(folder.path, "dashboard.db") });
  web = createWeb({ readModel: model, logger: createLogger({ service: "dashboard", level: "silent" }) });

  // Arrived out of order: the nudge before the push that caused it.
  const chain = { correlation_id: "push" };
  await model.keepEvent(said("nudge", nudge("ada"), { ...chain, parent_event_id: "commit", hops: 2 }), SEEN);
  await model.keepEvent(said("commit", commit(), { ...chain, parent_event_id: "push", hops: 1 }), SEEN);
  await model.keepEvent(said("push", push(), chain), SEEN);
  await model.keepDeadLetter(deadLetter, Buffer.from([0xff, 0x00]));
});
afterEach(async () => {
  await web.close();
  await model.close();
  folder.remove();
});

const deadLetter: DeadLetter = {
  dead_letter_id: "d/1",
  tenant_id: "default",
  consumer: "coach-agent",
  code: "handler-failed",
  reason: "it broke",
  dead_at: SEEN,
  seen_at: SEEN,
  correlation_id: "push",
  attributes: { dead_letter_id: "d/1" },
  bytes: 2,
};

const filed: FiledDeadLetter = {
  ...deadLetter,
  state: "open",
  group_id: groupIdOf(causeOf(deadLetter)),
  arrivals: 1,
  last_seen_at: SEEN,
};

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the answer's type, as any client of the API names it
async function get<T>(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: T }> {
  const response = await web.inject({ url, headers: { host: "127.0.0.1:8080", ...headers } });
  return { status: response.statusCode, body: response.json<T>() };
}

test("GET /api/chains gives one row a chain", async () => {
  const { status, body } = await get<Page<Chain>>("/api/chains");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    items: [{ correlation_id: "push", events: 3, dead_letters: 1, root: { event: { event_type: "git.push.v1" } } }],
    next: null,
  });
});

test("GET /api/chains/:id gives causes before effects, and the chain's dead letters", async () => {
  const { body } = await get<ChainAnswer>("/api/chains/push");
  expect(body.items.map(({ depth, event }) => [depth, event.event_id])).toEqual([
    [0, "push"],
    [1, "commit"],
    [2, "nudge"],
  ]);
  expect(body.dead_letters).toEqual([filed]);
  expect((await get<ChainAnswer>("/api/chains/push?limit=2")).body).toMatchObject({ next: 2 });
});

test("a chain of which only a dead letter was seen is shown", async () => {
  await model.keepDeadLetter({ ...deadLetter, dead_letter_id: "d2", correlation_id: "lost" }, Buffer.from("x"));
  expect((await get<ChainAnswer>("/api/chains/lost")).body).toMatchObject({
    items: [],
    dead_letters: [{ dead_letter_id: "d2" }],
  });
});

test("GET /api/events is filtered by type and paged", async () => {
  const ids = async (query: string) =>
    (await get<Page<SeenEvent>>(`/api/events${query}`)).body.items.map(({ event }) => event.event_id);
  expect(await ids("")).toEqual(["push", "commit", "nudge"]);
  expect(await ids("?type=git.commit")).toEqual(["commit"]);
  expect(await ids("?type=git.push.v2")).toEqual([]);

  const page = (await get<Page<SeenEvent>>("/api/events?limit=2")).body;
  expect(await ids(`?limit=2&cursor=${page.next}`)).toEqual(["nudge"]);
});

test("GET /api/nudges gives what the coach said, to everyone or to one person", async () => {
  await model.keepEvent(said("n2", nudge("bob")), SEEN);
  const people = async (query: string) =>
    (await get<Page<Nudge>>(`/api/nudges${query}`)).body.items.map(({ person }) => person);
  expect(await people("")).toEqual(["bob", "ada"]);
  expect(await people("?person=ada")).toEqual(["ada"]);
  expect((await get<Page<Nudge>>("/api/nudges?limit=1")).body.items[0]).toMatchObject({
    title: "Test the cart",
    event_id: "n2",
    seen_at: SEEN,
  });
});

test("a nudge that is none is left out", async () => {
  await model.keepEvent({ ...said("bad", nudge("ada")), data: { title: 7 } }, SEEN);
  await model.keepEvent({ ...said("next", nudge("ada")), event_type: "coach.nudge.v2" }, SEEN);
  expect((await get<Page<Nudge>>("/api/nudges")).body.items).toHaveLength(1);
});

test("GET /api/dead-letters lists them, and one by its id comes with its bytes", async () => {
  expect((await get<Page<DeadLetter>>("/api/dead-letters")).body).toEqual({ items: [filed], next: null });
  const { body } = await get<DeadLetterAnswer>(`/api/dead-letters/${encodeURIComponent("d/1")}`);
  expect(body).toEqual({ ...filed, data_base64: "/wA=", decisions: [] });
});

test.each([
  ["/api/chains?limit=0", "limit: "],
  ["/api/chains?limit=501", "limit: "],
  ["/api/chains?limit=1.5", "limit: "],
  ["/api/chains?limit=1&limit=2", "limit: "],
  ["/api/chains?cursor=abc", "cursor: "],
  ["/api/chains/push?cursor=-1", "cursor: "],
  ["/api/events?type=commit", "type: "],
  ["/api/events?type=", "type: "],
  ["/api/events?typ=git.commit", `the query: Unrecognized key: "typ"`],
  ["/api/nudges?person=", "person: "],
  ["/api/dead-letters?limit=", "limit: "],
])("%s is 400 and names the parameter", async (url, message) => {
  const { status, body } = await get<ErrorAnswer>(url);
  expect([status, body.error.code]).toEqual([400, "invalid-query"]);
  expect(body.error.message).toContain(message);
});

test.each(["/api/chains/unknown", "/api/dead-letters/unknown", "/api/unknown"])("%s is 404", async (url) => {
  const { status, body } = await get<ErrorAnswer>(url);
  expect([status, body.error.code]).toEqual([404, "not-found"]);
});

test("a chain may have the longest id that an event may have", async () => {
  const id = "ö".repeat(128);
  await model.keepEvent(said(id, push()), SEEN);
  expect((await get<ChainAnswer>(`/api/chains/${encodeURIComponent(id)}`)).status).toBe(200);
});

test.each(["localhost", "LOCALHOST:3000", "127.0.0.1:1", "[::1]:8080"])("the host %s is served", async (host) => {
  expect((await get("/api/chains", { host })).status).toBe(200);
});

test.each(["/api/chains", "/health/live", "/unknown"])("%s is refused to every other host", async (url) => {
  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example:80",
    "10.0.0.1",
    "evil.example#localhost",
  ]) {
    const { status, body } = await get<ErrorAnswer>(url, { host });
    expect([status, body.error.code]).toEqual([403, "wrong-host"]);
  }
});

test("answers are not kept by whoever stands between", async () => {
  const { headers } = await web.inject({ url: "/api/chains", headers: { host: "localhost" } });
  expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
});

test("a failure is 500 without its details", async () => {
  await model.close();
  const { status, body } = await get<ErrorAnswer>("/api/chains");
  expect([status, body.error]).toEqual([
    500,
    { code: "internal", message: "something failed here: the log says what" },
  ]);
  model = SqliteReadModel.open({ file: join(folder.path, "dashboard.db") });
});

test("where Firestore cannot be reached the answer is 503, also to who wants to follow", async () => {
  const connection = new FirestoreConnection({ projectId: "none", emulatorHost: "127.0.0.1:1", answerWithinMs: 300 });
  const readModel = new FirestoreReadModel(connection);
  const logger = createLogger({ service: "dashboard", level: "silent" });
  const follower = new StoreFollower(readModel, { tenant: "default", logger });
  const remote = createWeb({ readModel, logger, follow: follower.follow });
  for (const url of ["/api/chains", "/api/events/follow"]) {
    const response = await remote.inject({ url, headers: { host: "localhost" } });
    expect([response.statusCode, response.json<ErrorAnswer>().error.code]).toEqual([503, "unavailable"]);
  }
  await remote.close();
  await follower.close();
  await connection.close();
});

test("another tenant's events are not shown", async () => {
  await model.keepEvent(said("theirs", push(), { tenant_id: "acme" }), SEEN);
  expect((await get("/api/chains/theirs")).status).toBe(404);
});

test("there is no /events behind the people's door", async () => {
  const headers = { host: "localhost", "content-type": "application/json" };
  expect((await web.inject({ method: "POST", url: "/events", headers, payload: "{}" })).statusCode).toBe(404);
});

test.each(["/health/live", "/health/ready"])("%s answers", async (url) => {
  expect((await get(url)).status).toBe(200);
});
