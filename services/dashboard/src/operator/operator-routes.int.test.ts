import { join } from "node:path";
import { RecordingPublisher } from "@contextpilot/testing";
import type { FastifyInstance } from "fastify";
import { thisMachine } from "../access/this-machine.ts";
import type { DeadLetterAnswer, ErrorAnswer } from "../answers.ts";
import { DeadLetterOffice, type DecisionAnswer } from "../dead-letters/dead-letter-office.ts";
import { letter, silent } from "../dead-letters/letters.fixture.ts";
import { push, said, temporaryFolder } from "../house.fixture.ts";
import { PacedPublisher } from "../paced-publisher.ts";
import type { DeadLetterGroup, FiledDeadLetter, Page } from "../read-model.ts";
import type { ReplayRun } from "../replays/replay-runs.ts";
import { Replays } from "../replays/replays.ts";
import { SqliteReadModel } from "../sqlite-read-model.ts";
import { createWeb } from "../web.ts";

const TOKEN = "t".repeat(64);
const host = "127.0.0.1:8080";

let folder: ReturnType<typeof temporaryFolder>;
let model: SqliteReadModel;
let bus: RecordingPublisher;
let web: FastifyInstance;

beforeEach(async () => {
  folder = temporaryFolder();
  model = SqliteReadModel.open({ file: join(folder.path, "dashboard.db") });
  bus = new RecordingPublisher();
  const publisher = new PacedPublisher(bus);
  const office = new DeadLetterOffice({ readModel: model, decisions: model.decisions, publisher, logger: silent });
  const replays = new Replays({ runs: model.replayRuns, publisher });
  web = createWeb({
    readModel: model,
    logger: silent,
    access: thisMachine({ token: TOKEN }),
    operator: { office, replays },
  });

  for (const { deadLetter, data } of [
    letter("a"),
    letter("b"),
    letter("x", { code: "time-limit" }),
    letter("theirs", { tenant_id: "acme" }),
  ]) {
    await model.keepDeadLetter(deadLetter, data);
  }
  await model.keepEvent(said("p1", push()), "2026-03-02T12:00:00.000Z");
});
afterEach(async () => {
  await web.close();
  await model.close();
  folder.remove();
});

interface Answer<T> {
  readonly status: number;
  readonly body: T;
}
type Headers = Record<string, string | undefined>;

async function send<T>(method: "GET" | "POST", url: string, payload?: unknown, over: Headers = {}): Promise<Answer<T>> {
  const given = { host, authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...over };
  const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const response = await web.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
  return { status: response.statusCode, body: response.json<T>() };
}
const post = <T>(url: string, payload: unknown, headers?: Headers): Promise<Answer<T>> =>
  send<T>("POST", url, payload, headers);
const get = <T>(url: string, headers?: Headers): Promise<Answer<T>> => send<T>("GET", url, undefined, headers);

const redrive = { by: "ada", rate: 10_000 };

test("dead letters are redriven by id, by group and all, and shown with what was decided", async () => {
  expect((await post<DecisionAnswer>("/api/dead-letters/redrive", { ...redrive, ids: ["a"] })).body).toMatchObject({
    done: 1,
  });
  const shown = await get<DeadLetterAnswer>("/api/dead-letters/a");
  expect(shown.body).toMatchObject({ state: "redriven", decisions: [{ kind: "redrive", by: "ada", status: "done" }] });

  const groups = await get<Page<DeadLetterGroup>>("/api/dead-letters/groups?open=true");
  expect(groups.body.items).toMatchObject([
    { code: "time-limit", open: 1 },
    { code: "handler-failed", open: 1 },
  ]);
  const [late] = groups.body.items;
  await post("/api/dead-letters/discard", { by: "bob", group: late?.group_id });
  const ids = async (query: string) =>
    (await get<Page<FiledDeadLetter>>(`/api/dead-letters${query}`)).body.items.map((one) => one.dead_letter_id);
  expect(await ids("?state=discarded")).toEqual(["x"]);
  expect(await ids(`?group=${late?.group_id}`)).toEqual(["x"]);

  expect((await post<DecisionAnswer>("/api/dead-letters/redrive", { ...redrive, all: true })).body).toMatchObject({
    done: 1,
    next: null,
  });
  expect(await ids("?state=open")).toEqual([]);
});

test("edited bytes are resent, to the one consumer", async () => {
  const data_base64 = Buffer.from(letter("edited").data).toString("base64");
  expect((await post("/api/dead-letters/a/resend", { by: "ada", data_base64 })).body).toMatchObject({ done: 1 });
  expect(bus.messages[0]?.attributes).toMatchObject({ resent_from: "a", redrive_to: "coach-agent" });
});

test("a replay is counted, begun, gone on with and listed", async () => {
  const wanted = { by: "ada", type: "git.push", from: "2026-03-02" };
  expect((await post("/api/replays", { ...wanted, dry_run: true })).body).toEqual({
    dry_run: true,
    events: 1,
    by_type: { "git.push.v1": 1 },
  });
  const { body: run } = await post<ReplayRun>("/api/replays", wanted);
  expect(run).toMatchObject({ events: 1, said: 0, selection: { from: "2026-03-02T00:00:00.000Z" } });
  expect((await post(`/api/replays/${run.generation}`, {})).body).toMatchObject({ said: 1 });
  expect((await get<Page<ReplayRun>>("/api/replays")).body.items).toMatchObject([{ begun_by: "ada", said: 1 }]);
  expect((await post("/api/replays/unknown", {})).status).toBe(404);
});

test.each([
  ["no token", { authorization: undefined }, 401, "no-token"],
  ["another token", { authorization: `Bearer ${"u".repeat(64)}` }, 401, "no-token"],
  ["a prefix of the token", { authorization: `Bearer ${"t".repeat(63)}` }, 401, "no-token"],
  ["another scheme", { authorization: `Basic ${TOKEN}` }, 401, "no-token"],
  ["another site's page", { origin: "https://evil.example" }, 403, "wrong-origin"],
  ["a page without an origin", { origin: "null" }, 403, "wrong-origin"],
  ["another host's name", { host: "evil.example" }, 403, "wrong-host"],
  ["a form", { "content-type": "text/plain" }, 415, "not-json"],
  ["another form", { "content-type": "application/x-www-form-urlencoded" }, 415, "not-json"],
])("%s changes nothing", async (_case, headers, status, code) => {
  for (const url of [
    "/api/dead-letters/redrive",
    "/api/dead-letters/discard",
    "/api/dead-letters/a/resend",
    "/api/replays",
  ]) {
    const answer = await post<ErrorAnswer>(url, { ...redrive, ids: ["a"] }, headers);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  }
  expect(bus.messages).toEqual([]);
  expect((await get<DeadLetterAnswer>("/api/dead-letters/a")).body.state).toBe("open");
});

test("a page of our own may", async () => {
  const headers = { origin: `http://${host}` };
  expect((await post("/api/dead-letters/discard", { by: "ada", ids: ["a"] }, headers)).status).toBe(200);
});

test.each([
  ["redrive", { by: "ada" }, "the body: must name one of"],
  ["redrive", { by: "ada", ids: ["a"], all: true }, "the body: must name one of"],
  ["redrive", { ids: ["a"] }, "by: "],
  ["redrive", { by: "ada", all: false }, "all: "],
  ["redrive", { by: "ada", ids: [] }, "ids: "],
  ["redrive", { by: "ada", all: true, limit: 1001 }, "limit: "],
  ["redrive", { by: "ada", all: true, rate: 0 }, "rate: "],
  ["discard", { by: "ada", all: true, grup: "x" }, "the body: Unrecognized key"],
  ["a/resend", { by: "ada", data_base64: "{}" }, "data_base64: "],
  ["redrive", "{", "the body: is not JSON"],
  ["redrive", `{"by":"ada","by":"bob","all":true}`, "the body: has an object with the same key twice"],
  ["redrive", "", "the body: is not JSON"],
])("%s of %j is 400 and names the field", async (url, payload, message) => {
  const { status, body } = await post<ErrorAnswer>(`/api/dead-letters/${url}`, payload);
  expect([status, body.error.code]).toEqual([400, "invalid-body"]);
  expect(body.error.message).toContain(message);
});

test.each([
  [{ type: "git.comit" }, "type: must be of git.push"],
  [{ topic: "git-events-dlq" }, "topic: "],
  [{ from: "yesterday" }, "from: must be a date"],
])("a replay of %j is 400 and names the field", async (selection, message) => {
  const { status, body } = await post<ErrorAnswer>("/api/replays", { by: "ada", ...selection });
  expect([status, body.error.message]).toEqual([400, expect.stringContaining(message)]);
});

test("a bus that takes nothing is 503, with its words", async () => {
  bus.refuse();
  const { status, body } = await post<ErrorAnswer>("/api/dead-letters/redrive", { ...redrive, all: true });
  expect([status, body.error.code]).toEqual([503, "unavailable"]);
  expect(body.error.message).toContain("the bus is down");
});

test("another tenant's dead letters are the operator's alone", async () => {
  for (const url of [
    "/api/dead-letters?tenant=acme",
    "/api/dead-letters/groups?tenant=acme",
    "/api/dead-letters/theirs?tenant=acme",
  ]) {
    expect((await get(url, { authorization: undefined })).status).toBe(401);
    expect((await get(url)).status).toBe(200);
  }
  await post("/api/dead-letters/discard", { by: "ada", all: true, tenant: "acme" });
  expect((await get<FiledDeadLetter>("/api/dead-letters/theirs?tenant=acme")).body.state).toBe("discarded");
  expect((await get<FiledDeadLetter>("/api/dead-letters/a")).body.state).toBe("open");
});

test("without an operator nothing can be changed, and nobody else's is shown", async () => {
  const closed = createWeb({ readModel: model, logger: silent });
  const headers = { host, authorization: "Bearer undefined" };
  for (const [method, url] of [
    ["POST", "/api/dead-letters/redrive"],
    ["POST", "/api/replays"],
    ["GET", "/api/dead-letters?tenant=acme"],
  ] as const) {
    expect((await closed.inject({ method, url, headers })).statusCode).toBe(404);
  }
  await closed.close();
});
