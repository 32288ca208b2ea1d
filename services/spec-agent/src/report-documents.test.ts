import { contextUpdate, type DataOf } from "@contextpilot/events";
import { scenario, type Told } from "@contextpilot/testing";
import { handlers } from "./handlers.ts";

type Update = DataOf<"context.update.v1">;
type FileChange = Update["changes"][number];

const spec = scenario("spec-agent", handlers);

const fileOf = (over: Partial<FileChange>): FileChange => ({
  path: "src/cart.ts",
  kind: "code",
  status: "modified",
  lines_added: 3,
  lines_removed: 1,
  binary: false,
  functions: [],
  ...over,
});
const page = fileOf({ path: "docs/pay.md", kind: "docs", status: "renamed", previous_path: "pay.md" });

function measured(changes: FileChange[], over: Partial<Update> = {}): Told {
  const data: Update = {
    repository: "shop",
    branch: "main",
    commit_hash: "def456",
    author_id: "ada",
    subject: "Work",
    files_changed: changes.map(({ path }) => path),
    changes,
    files_total: changes.length,
    lines_added: 3,
    lines_removed: 1,
    impact_score: 3,
    change_type: "feat",
    breaking: false,
    is_merge: false,
    origin: "push",
    ...over,
  };
  return { at: "10:00", draft: contextUpdate(data, { key: [data.repository, data.commit_hash] }) };
}

test("a commit that changes pages is said with them, their state and their lines", () =>
  spec
    .given()
    .when(measured([fileOf({}), page, fileOf({ path: "CHANGELOG.md", kind: "docs", status: "deleted" })]))
    .expect((said) => {
      expect(said).toMatchObject([{ event_type: "spec.update.v1", source: "spec-agent", user_id: "ada" }]);
      expect(said[0]?.data).toEqual({
        repository: "shop",
        branch: "main",
        commit_hash: "def456",
        author_id: "ada",
        documents: [
          { path: "docs/pay.md", previous_path: "pay.md", status: "renamed", lines_added: 3, lines_removed: 1 },
          { path: "CHANGELOG.md", status: "deleted", lines_added: 3, lines_removed: 1 },
        ],
      });
    }));

test("a commit has one such event, whatever it was heard under", () =>
  spec
    .given()
    .when(measured([page]), measured([page], { branch: "topic" }))
    .expect((said) => expect(new Set(said.map(({ event_id }) => event_id)).size).toBe(1)));

test.each<[string, Told]>([
  ["a commit that changes no page", measured([fileOf({})])],
  ["a merge", measured([page], { is_merge: true })],
  ["imported history", measured([page], { origin: "import" })],
])("%s is said nothing of", (_what, told) =>
  spec
    .given()
    .when(told)
    .expect((said) => expect(said).toEqual([])),
);
