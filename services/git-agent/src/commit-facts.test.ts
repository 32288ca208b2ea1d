import { authorId } from "./author-id.ts";
import { commitFacts } from "./commit-facts.ts";
import { measuredCommit } from "./measured-commit.ts";
import type { RawChange, RawCommit } from "./parse-commits.ts";

function change(overrides: Partial<RawChange>): RawChange {
  const blob = "b".repeat(40);
  const empty = { status: "M", mode: "100644", blob, path: "a", previousPath: undefined, binary: false };
  return { ...empty, linesAdded: 0, linesRemoved: 0, ...overrides };
}

function facts(changes: RawChange[], overrides: Partial<RawCommit> = {}, functions: string[][] = []) {
  const header = { hash: "a".repeat(40), parents: [], email: "a@b", committedAt: 0, message: Buffer.from("m") };
  return commitFacts(measuredCommit({ ...header, changes, ...overrides }), { measures: new Map(), functions }, "key");
}

test("the largest changes come first, of equals by path", () => {
  const changes = [
    change({ path: "b", linesAdded: 1 }),
    change({ path: "a", linesRemoved: 1 }),
    change({ path: "c", linesAdded: 1, linesRemoved: 1 }),
  ];
  expect(facts(changes).files_changed).toEqual(["c", "a", "b"]);
});

test("functions follow their file through the sorting", () => {
  const changes = [
    change({ path: "added", status: "A", linesAdded: 9 }),
    change({ path: "small", linesAdded: 1 }),
    change({ path: "large", linesAdded: 5 }),
  ];
  const found = facts(changes, {}, [["s()"], ["l()"]]).changes.map((each) => [each.path, each.functions]);
  expect(found).toEqual([
    ["added", []],
    ["large", ["l()"]],
    ["small", ["s()"]],
  ]);
});

test("1,001 changes are 1,000 with exact totals", () => {
  const changes = Array.from({ length: 1001 }, (_, at) => change({ path: `${at}`, linesAdded: 2, linesRemoved: 1 }));
  expect(facts(changes)).toMatchObject({
    changes: { length: 1000 },
    changes_truncated: true,
    files_total: 1001,
    lines_added: 2002,
    lines_removed: 1001,
  });
});

test("long paths make fewer changes: 200 KiB are the end", () => {
  const changes = Array.from({ length: 900 }, (_, at) => change({ path: `${"ü\n".repeat(200)}${at}` }));
  const { changes: listed, files_changed, changes_truncated } = facts(changes);
  const bytes = Buffer.byteLength(JSON.stringify(listed)) + Buffer.byteLength(JSON.stringify(files_changed));
  expect(changes_truncated).toBe(true);
  expect(bytes).toBeLessThanOrEqual(200 * 1024);
  expect(bytes).toBeGreaterThan(195 * 1024);
});

test("functions are left out before files are", () => {
  const changes = Array.from({ length: 800 }, (_, at) => change({ path: `${at}`, linesAdded: 800 - at }));
  const names = changes.map(() => Array.from({ length: 20 }, (_, at) => `${at}`.padEnd(120, "x")));
  const found = facts(changes, {}, names);
  expect(found.changes_truncated).toBe(false);
  expect(found.changes[0]?.functions).toHaveLength(20);
  expect(found.changes.at(-1)?.functions).toEqual([]);
  expect(JSON.stringify([found.changes, found.files_changed]).length).toBeLessThanOrEqual(200 * 1024);
});

test.each([
  [1_767_225_600, "2026-01-01T00:00:00.000Z"],
  [-5, "1970-01-01T00:00:00.000Z"],
  [Number.NaN, "1970-01-01T00:00:00.000Z"],
  [1e18, "9999-12-31T23:59:59.000Z"],
])("the date %d is %s", (committedAt, text) => {
  expect(facts([], { committedAt }).committed_at).toBe(text);
});

test("a message that is not UTF-8 is read all the same", () => {
  expect(facts([], { message: Buffer.from("caf\xe9\n", "latin1") }).message).toBe("caf\uFFFD");
});

test("an author is the same person however the address is written, and another with another key", () => {
  expect(authorId("key", " Ada@Example.org ")).toBe(authorId("key", "ada@example.org"));
  expect(authorId("other", "ada@example.org")).not.toBe(authorId("key", "ada@example.org"));
  expect(authorId("key", "ada@example.org")).toMatch(/^[0-9a-f]{32}$/);
});
