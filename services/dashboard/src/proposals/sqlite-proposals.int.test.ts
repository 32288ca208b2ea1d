import { join } from "node:path";
import { proposalCreated, proposalUpdated, type Envelope } from "@contextpilot/events";
import { openDatabase } from "@contextpilot/sqlite";
import { said, temporaryFolder } from "../house.fixture.ts";
import { MIGRATIONS } from "../schema.ts";
import { SqliteReadModel } from "../sqlite-read-model.ts";

const NOW = "2026-03-02T12:00:01.000Z";
const data = (proposal_id: string) => ({
  proposal_id,
  type: "changelog",
  title: "Tell users of the cart",
  files_affected: 1,
  impact: "low" as const,
  user_id: "ada",
  reason: "They notice it",
  repository: "shop",
  files: ["CHANGELOG.md"],
  revision: 1,
});

test("a house of before proposals were filed knows those that it has kept", async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, "old.db");
  const database = openDatabase({ file, migrations: MIGRATIONS.slice(0, 2) });
  const insert = database.prepare(
    `INSERT INTO events (tenant_id, event_id, event_type, family, correlation_id, seen_at, envelope)
     VALUES ('default', ?, ?, ?, 'push', ?, ?)`,
  );
  const { revision: _, reason: __, ...five } = { ...data("p2"), title: "Of few fields" };
  const events: readonly Envelope[] = [
    said("created-p1", proposalCreated(data("p1"))),
    said("updated-p1", proposalUpdated({ ...data("p1"), revision: 2, title: "Revision 2" })),
    { ...said("created-p2", proposalCreated(data("p2"))), data: five },
    { ...said("created-p3", proposalCreated(data("p3"))), data: {} },
  ];
  for (const event of events) {
    const { event_id, event_type } = event;
    insert.run(event_id, event_type, event_type.replace(".v1", ""), NOW, JSON.stringify(event));
  }
  database.close();

  const model = SqliteReadModel.open({ file });
  try {
    const { items } = await model.proposals({ tenant_id: "default", limit: 9 });
    expect(items.map(({ title }) => title)).toEqual(["Of few fields", "Revision 2"]);
    expect(items[0]).toMatchObject({ revision: 1, reason: "", files: ["CHANGELOG.md"] });
  } finally {
    await model.close();
    folder.remove();
  }
});
