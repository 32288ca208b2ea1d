import { createLogger, personAuthenticator } from "@contextpilot/agent-host";
import { IdentityProxy, RecordingPublisher } from "@contextpilot/testing";
import type { FastifyInstance } from "fastify";
import type { DeadLetterAnswer, ErrorAnswer } from "../answers.ts";
import { DeadLetterOffice } from "../dead-letters/dead-letter-office.ts";
import { letter, silent } from "../dead-letters/letters.fixture.ts";
import { push, said, temporaryFolder } from "../house.fixture.ts";
import { PacedPublisher } from "../paced-publisher.ts";
import type { ReplayRun } from "../replays/replay-runs.ts";
import { Replays } from "../replays/replays.ts";
import { SqliteReadModel } from "../sqlite-read-model.ts";
import { createWeb } from "../web.ts";
import { behindProxy } from "./behind-proxy.ts";

const HOST = "dashboard.example.com";

let folder: ReturnType<typeof temporaryFolder>;
let model: SqliteReadModel;
let proxy: IdentityProxy;
let lines: string[];
let web: FastifyInstance;

beforeEach(async () => {
  folder = temporaryFolder();
  model = SqliteReadModel.open({ file: `${folder.path}/dashboard.db` });
  proxy = await IdentityProxy.start();
  lines = [];
  const publisher = new PacedPublisher(new RecordingPublisher());
  const office = new DeadLetterOffice({ readModel: model, decisions: model.decisions, publisher, logger: silent });
  const logger = createLogger({ service: "dashboard", destination: { write: (line) => void lines.push(line) } });
  web = createWeb({
    readModel: model,
    logger,
    follow: () => () => undefined,
    access: behindProxy(personAuthenticator(proxy), logger),
    operator: { office, replays: new Replays({ runs: model.replayRuns, publisher }) },
  });
  for (const { deadLetter, data } of [letter("a"), letter("theirs", { tenant_id: "acme" })]) {
    await model.keepDeadLetter(deadLetter, data);
  }
  await model.keepEvent(said("p1", push()), "2026-03-02T12:00:00.000Z");
});
afterEach(async () => {
  await web.close();
  await proxy.close();
  await model.close();
  folder.remove();
});

type Headers = Record<string, string>;
interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

async function ask<T>(method: "GET" | "POST", url: string, headers: Headers, body?: object): Promise<Answer<T>> {
  const json = body === undefined ? {} : { payload: JSON.stringify(body) };
  const type = { "content-type": "application/json" };
  const response = await web.inject({ method, url, headers: { host: HOST, ...type, ...headers }, ...json });
  return { status: response.statusCode, body: response.json<T>() };
}
const as = (email: string): Headers => ({ "x-goog-iap-jwt-assertion": proxy.assertion({ email }) });

/** As a browser does it for a page of this origin. */
const discardFrom = (origin: string): Promise<Answer<unknown>> =>
  ask("POST", "/api/dead-letters/discard", { ...as("ada@example.com"), origin }, { ids: ["a"] });

const doors: readonly (readonly ["GET" | "POST", string])[] = [
  ["GET", "/api/chains"],
  ["GET", "/api/chains/p1"],
  ["GET", "/api/dead-letters/a"],
  ["GET", "/api/events/follow"],
  ["GET", "/api/replays"],
  ["POST", "/api/dead-letters/discard"],
  ["POST", "/api/dead-letters/a/resend"],
  ["POST", "/api/replays"],
  ["GET", "/api/unknown"],
  ["GET", "/unknown"],
  ["GET", "/health/live/"],
  ["GET", "//health/live"],
];

test.each(doors)("%s %s is 401 to whom the proxy has not let in", async (method, url) => {
  const strangers: Headers[] = [
    {},
    { "x-goog-iap-jwt-assertion": "e30.e30.e30" },
    { "x-goog-iap-jwt-assertion": proxy.assertion({ aud: "/projects/1/locations/europe-west1/services/another" }) },
    { "x-goog-authenticated-user-email": "accounts.google.com:ada@example.com" },
    { authorization: `Bearer ${proxy.assertion()}` },
    { host: "localhost" },
  ];
  for (const headers of strangers) {
    const { status, body } = await ask<ErrorAnswer>(
      method,
      url,
      headers,
      method === "POST" ? { all: true } : undefined,
    );
    expect([status, body.error.code]).toEqual([401, "no-person"]);
  }
  expect(await model.deadLetters({ tenant_id: "default", limit: 9, state: "discarded" })).toMatchObject({ items: [] });
});

test("the platform asks past the proxy whether the process lives and is ready", async () => {
  for (const url of ["/health/live", "/health/ready"]) expect((await ask("GET", url, {})).status).toBe(200);
});

test("whom the proxy has let in may read, under whatever name the web is reached", async () => {
  expect((await ask("GET", "/api/chains", as("ada@example.com"))).status).toBe(200);
});

test("who decides is the person whom the proxy has verified", async () => {
  const discard = { ids: ["a"] };
  expect((await ask("POST", "/api/dead-letters/discard", as("ada@example.com"), discard)).status).toBe(200);
  const { body } = await ask<DeadLetterAnswer>("GET", "/api/dead-letters/a", as("bob@example.com"));
  expect(body).toMatchObject({ decisions: [{ kind: "discard", by: "ada@example.com" }] });

  const replay = await ask<ReplayRun>("POST", "/api/replays", as("bob@example.com"), {});
  expect(replay.body).toMatchObject({ begun_by: "bob@example.com" });
});

test("nobody decides in another's name", async () => {
  const discard = { ids: ["a"], by: "bob@example.com" };
  const { status, body } = await ask<ErrorAnswer>("POST", "/api/dead-letters/discard", as("ada@example.com"), discard);
  expect([status, body.error.message]).toEqual([400, "by: leave it out, it is ada@example.com who decides"]);
  expect((await model.deadLetter("default", "a"))?.deadLetter.state).toBe("open");
});

test("another site's page changes nothing, although the browser brings the proxy's word with it", async () => {
  for (const origin of ["https://evil.example", "null", `http://${HOST}`, `https://${HOST}.evil.example`]) {
    expect((await discardFrom(origin)).status).toBe(403);
  }
  expect((await model.deadLetter("default", "a"))?.deadLetter.state).toBe("open");
  expect((await discardFrom(`https://${HOST}`)).status).toBe(200);
});

test("keys that cannot be had answer 503, and let nobody in", async () => {
  proxy.fail();
  const { status, body } = await ask<ErrorAnswer>("GET", "/api/chains", as("ada@example.com"));
  expect([status, body.error.code]).toEqual([503, "unavailable"]);
});

test("who is refused is a security warning, and no assertion gets into the log", async () => {
  const assertion = proxy.assertion({ aud: "another" });
  await ask("GET", "/api/chains", { "x-goog-iap-jwt-assertion": assertion });
  await ask("GET", "/api/chains", as("ada@example.com"));
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { message: "person refused", reason: "wrong-audience", status: 401, security: true },
  ]);
  for (const part of assertion.split(".")) expect(lines.join("")).not.toContain(part);
});
