import { join } from "node:path";
import { commit, nudge, push, said, temporaryFolder } from "./house.fixture.ts";
import { SqliteReadModel } from "./sqlite-read-model.ts";

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

test("each write takes a few rows and no more, and the effects go before what caused them", async () => {
  await model.keepEvent(said("old", push()), "2026-03-02T12:00:00.000Z");
  for (let index = 1; index < 40; index += 1) {
    await model.keepEvent(said(`old-${index}`, commit(), { correlation_id: "old" }), "2026-03-02T12:00:00.000Z");
  }
  await model.keepEvent(said("new", nudge()), "2026-05-21T12:00:00.000Z");

  const { items } = await model.chain({ tenant_id: "default", limit: 500, correlation_id: "old" });
  expect(items).toHaveLength(32);
  expect(items[0]?.event.event_id).toBe("old");
});
