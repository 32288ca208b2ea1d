import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@contextpilot/sqlite";
import { causeOf, groupIdOf } from "./dead-letters/cause.ts";
import { push, said, temporaryFolder } from "./house.fixture.ts";
import type { DeadLetter, Page, SeenEvent } from "./read-model.ts";
import { MIGRATIONS } from "./schema.ts";
import { SqliteReadModel } from "./sqlite-read-model.ts";

const SEEN = "2026-03-02T12:00:01.000Z";
const tenant_id = "default";
const first = { tenant_id, limit: 50 };

let folder: ReturnType<typeof temporaryFolder>;
let model: SqliteReadModel;

beforeEach(() => {
  folder = temporaryFolder();
  model = SqliteReadModel.open({ file: join(folder.path, "dashboard.db") });
});
afterEach(async () => {
  await model.close();
  folder.remove();
});

const idsOf = ({ items }: Page<SeenEvent>): readonly string[] => items.map(({ event }) => event.event_id);

function letter(over: Partial<DeadLetter> = {}): DeadLetter {
  return {
    dead_letter_id: "d1",
    tenant_id,
    consumer: "git-agent",
    code: "invalid-json",
    reason: "is not JSON",
    dead_at: SEEN,
    seen_at: SEEN,
    attributes: {},
    bytes: 1,
    ...over,
  };
}

test("events of an older house are found by the trace and the source agent that a caller gave", async () => {
  const old = join(folder.path, "old.db");
  const database = openDatabase({ file: old, migrations: MIGRATIONS.slice(0, 4) });
  const insert = `INSERT INTO events (tenant_id, event_id, event_type, family, correlation_id, seen_at, envelope)
    VALUES (?, 'e1', 'git.push.v1', 'git.push', 'e1', ?, ?)`;
  database
    .prepare(insert)
    .run(tenant_id, SEEN, JSON.stringify({ ...said("e1", push(), { trace_id: "t1" }), source_agent_id: "indexer" }));
  database.close();
  await model.close();
  model = SqliteReadModel.open({ file: old });
  expect(idsOf(await model.events({ ...first, trace: "t1", agent: "indexer" }))).toEqual(["e1"]);
});

test("a file that is no database is named with the remedy", () => {
  const broken = join(folder.path, "broken.db");
  writeFileSync(broken, "no database at all, but more than enough bytes to be looked at as one. ".repeat(20));
  expect(() => SqliteReadModel.open({ file: broken })).toThrow(/broken\.db is damaged.*Move it away/);
});

test("dead letters that an older house has kept are open, in their groups", async () => {
  await model.close();
  const old = join(folder.path, "old.db");
  const database = openDatabase({ file: old, migrations: MIGRATIONS.slice(0, 1) });
  for (const dead_letter_id of ["d1", "d2"]) {
    database
      .prepare("INSERT INTO dead_letters (tenant_id, dead_letter_id, record, data) VALUES (?, ?, ?, ?)")
      .run(tenant_id, dead_letter_id, JSON.stringify(letter({ dead_letter_id })), Buffer.from("{"));
  }
  database.close();
  for (let start = 0; start < 2; start += 1) {
    model = SqliteReadModel.open({ file: old });
    const group_id = groupIdOf(causeOf(letter()));
    expect((await model.deadLetterGroups(first)).items).toMatchObject([
      { group_id, dead_letters: 2, open: 2, first_seen_at: SEEN, last_seen_at: SEEN, example: "d2" },
    ]);
    expect((await model.deadLetters({ ...first, group_id, state: "open" })).items).toMatchObject([
      { dead_letter_id: "d2", last_seen_at: SEEN, arrivals: 1 },
      { dead_letter_id: "d1" },
    ]);
    if (start === 0) await model.close();
  }
});
