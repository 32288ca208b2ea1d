import { join } from "node:path";
import { RecordingPublisher } from "@contextpilot/testing";
import * as fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { thisMachine } from "./access/this-machine.ts";
import type { ErrorAnswer } from "./answers.ts";
import { DeadLetterOffice } from "./dead-letters/dead-letter-office.ts";
import { letter, silent } from "./dead-letters/letters.fixture.ts";
import { push, said, temporaryFolder } from "./house.fixture.ts";
import { PacedPublisher } from "./paced-publisher.ts";
import { Replays } from "./replays/replays.ts";
import { SqliteReadModel } from "./sqlite-read-model.ts";
import { createWeb } from "./web.ts";

/** A failure names its seed and path: give them to fc.assert to see it again. */
const RUNS = { numRuns: 600 };
const TOKEN = "t".repeat(64);
const SEEN = "2026-03-02T12:00:00.000Z";

let folder: ReturnType<typeof temporaryFolder>;
let model: SqliteReadModel;
let publisher: PacedPublisher;
let web: FastifyInstance;

beforeEach(async () => {
  folder = temporaryFolder();
  model = SqliteReadModel.open({ file: join(folder.path, "dashboard.db") });
  publisher = new PacedPublisher(new RecordingPublisher());
  const office = new DeadLetterOffice({ readModel: model, decisions: model.decisions, publisher, logger: silent });
  const replays = new Replays({ runs: model.replayRuns, publisher });
  web = createWeb({
    readModel: model,
    logger: silent,
    access: thisMachine({ token: TOKEN }),
    operator: { office, replays },
  });
  for (const id of ["a", "b"]) {
    const { deadLetter, data } = letter(id);
    await model.keepDeadLetter(deadLetter, data);
  }
  await model.keepEvent(said("p1", push()), SEEN);
});
afterEach(async () => {
  await web.close();
  publisher.close();
  await model.close();
  folder.remove();
});

/** Asks as the operator, and holds the answer to what is promised: JSON in time, and in an error's form where it is one. */
async function ask(method: "GET" | "POST", url: string, payload?: Buffer | string): Promise<number> {
  const headers = { host: "127.0.0.1:80", authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const started = process.cpuUsage();
  const response = await web.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
  expect([200, 400, 404, 414]).toContain(response.statusCode);
  const body = response.json<Partial<ErrorAnswer>>();
  // What is no path at all never comes to the API: any listener of the house answers it by the name of its status.
  expect(body.error).toEqual(typeof body.error === "object" ? LONG : SHORT[response.statusCode]);
  return response.statusCode;
}

const SHORT: Readonly<Record<number, string>> = { 400: "Bad Request", 404: "Not Found", 414: "URI Too Long" };
const LONG: unknown = { code: expect.any(String), message: expect.any(String) };

/** Whatever was done: all that is shown can still be read. */
async function expectReadable(): Promise<void> {
  for (const page of ["chains", "events", "nudges", "proposals", "dead-letters", "dead-letters/groups", "replays"]) {
    expect(await ask("GET", `/api/${page}`)).toBe(200);
  }
  for (const id of ["a", "b"]) expect(await ask("GET", `/api/dead-letters/${id}`)).toBe(200);
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "",
    "a",
    "p1",
    "default",
    "open",
    "0",
    "1",
    "-1",
    "1e3",
    "1e400",
    "9007199254740993",
    "NaN",
    "\u0000",
  ),
  fc.constantFrom("git.push", "git.push.v1", "2026-03-02", "'; DROP TABLE events; --", "%", "x".repeat(2_000)),
);
/** Percent-encoded as a client does, or not at all. */
const inUrl = fc.oneof(
  anyText.filter((text) => text.isWellFormed()).map(encodeURIComponent),
  fc.constantFrom("%", "%00", "%ff", "%ed%a0%80", "%2e%2e%2f", "..", "%25", "a/b", "+", "&&", "=", "[]", "__proto__"),
);
const routes = ["chains", "events", "nudges", "proposals", "dead-letters", "dead-letters/groups", "replays"];
const parameters = [
  "limit",
  "cursor",
  "type",
  "trace",
  "agent",
  "person",
  "repository",
  "state",
  "group",
  "tenant",
  "open",
];

test("any query and any id in a path are answered", async () => {
  const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...parameters), inUrl), inUrl), { maxLength: 3 });
  const path = fc.oneof(
    fc.constantFrom(...routes),
    fc.tuple(fc.constantFrom("chains", "proposals", "dead-letters"), inUrl).map((parts) => parts.join("/")),
  );
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(path, query, async (at, pairs) => {
      const text = pairs.map(([name, value]) => `${name}=${value}`).join("&");
      statuses.add(await ask("GET", `/api/${at}?${text}`));
    }),
    RUNS,
  );
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([200, 400, 404, 414]);
  await expectReadable();
});

const changes = ["dead-letters/redrive", "dead-letters/discard", "dead-letters/a/resend", "replays", "replays/unknown"];
const anyValue: fc.Arbitrary<unknown> = fc.oneof(anyText, fc.jsonValue({ maxDepth: 2, stringUnit: "binary" }));
const near = fc.record(
  {
    by: fc.oneof(fc.constant("ada"), anyText),
    // Paced: else a redrive would take its time.
    rate: fc.oneof({ weight: 5, arbitrary: fc.constant(10_000) }, fc.constantFrom(0, -1, 1e308, "1", null)),
    ids: fc.oneof(fc.array(anyText, { maxLength: 3 }), anyValue),
    all: fc.oneof(fc.constant(true), anyValue),
    group: anyValue,
    limit: fc.oneof(fc.integer({ min: 1, max: 1_000 }), anyValue),
    cursor: anyValue,
    up_to: anyValue,
    data_base64: fc.oneof(fc.base64String(), anyValue),
    type: anyValue,
    chain: anyValue,
    from: fc.oneof(fc.constantFrom("2026-03-02", "+275760-09-13T00:00:00Z", "9999-12-31T23:59:59-23:59"), anyValue),
    to: anyValue,
    dry_run: fc.boolean(),
    tenant: anyValue,
  },
  { requiredKeys: ["rate"] },
);
const few = fc.tuple(
  near,
  fc.subarray(["ids", "all", "group", "data_base64", "type", "chain", "from", "limit", "up_to"], { maxLength: 2 }),
);

test("any body of a change is taken or refused with 400, and nothing is stored that cannot be read back", async () => {
  const body = fc.oneof(
    { weight: 6, arbitrary: few.map(([all, chosen]) => JSON.stringify(only(all, ["by", "rate", ...chosen]))) },
    near.map((value) => JSON.stringify(value)),
    fc.jsonValue({ stringUnit: "binary" }).map((value) => JSON.stringify(value)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...changes), body, async (at, payload) => {
      statuses.add(await ask("POST", `/api/${at}`, payload));
    }),
    RUNS,
  );
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([200, 400, 404]);
  await expectReadable();
}, 20_000);

function only(all: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
