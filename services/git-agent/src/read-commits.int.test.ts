import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type CommitPlan, GitRepository } from "@contextpilot/testing";

import { authorId } from "./author-id.ts";
import type { CommitFacts } from "./commit-facts.ts";
import { generatedHistory, seededRandom } from "./generated-history.ts";
import { pathText } from "./path-text.ts";
import { DIFF_OPTIONS, readCommits } from "./read-commits.ts";
import { readFunctions } from "./read-functions.ts";

let folder: string;
let repository: GitRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-commits-"));
  repository = await GitRepository.create(join(folder, "repository.git"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function factsOf(plan: CommitPlan): Promise<CommitFacts> {
  const [facts] = await readCommits(repository, [await repository.commit(plan)], "key");
  if (!facts) throw new Error("no facts");
  return facts;
}

test("500 commits with every kind of change have the numbers that git show --numstat prints", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 32);
  const hashes = await repository.commitAll(generatedHistory(500, seededRandom(seed)));
  const facts = await readCommits(repository, hashes, "key");

  const ours = facts.map((each) => ({ hash: each.commit_hash, totals: totalsOf(each), files: filesOf(each) }));
  const gits: typeof ours = [];
  for (const hash of hashes) gits.push(await numstat(hash));
  try {
    expect(ours).toEqual(gits);
  } catch (cause) {
    throw new Error(`with SEED=${seed}`, { cause });
  }
  expect(new Set(facts.flatMap((each) => each.changes.map((change) => change.status)))).toEqual(
    new Set(["added", "modified", "deleted", "renamed", "type-changed"]),
  );
});

type File = [path: string, previous: string | undefined, added: number, removed: number, binary: boolean];

function filesOf(facts: CommitFacts): File[] {
  return sorted(
    facts.changes.map((each) => [each.path, each.previous_path, each.lines_added, each.lines_removed, each.binary]),
  );
}

function totalsOf(facts: CommitFacts): number[] {
  return [facts.files_total, facts.lines_added, facts.lines_removed];
}

function sorted(files: File[]): File[] {
  return files.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

function path(text: string | undefined): string {
  return pathText(Buffer.from(text ?? "", "latin1"));
}

/** Read in another way than the code under test does: each commit by a `git show` of its own. */
async function numstat(hash: string) {
  const args = ["show", "-m", "--first-parent", "--numstat", "-z", "--format=", hash];
  const tokens = (await repository.gitBytes(...args)).toString("latin1").split("\0");
  const files: File[] = [];
  for (let token = tokens.shift(); token; token = tokens.shift()) {
    const [added = "", removed = "", ...inline] = token.split("\t");
    const binary = added === "-";
    const previous = inline.join("\t") === "" ? path(tokens.shift()) : undefined;
    const now = previous === undefined ? path(inline.join("\t")) : path(tokens.shift());
    files.push([now, previous, binary ? 0 : Number(added), binary ? 0 : Number(removed), binary]);
  }
  const sum = (column: 2 | 3) => files.reduce((total, file) => total + file[column], 0);
  return { hash, totals: [files.length, sum(2), sum(3)], files: sorted(files) };
}

test("a commit says who, when, why and what, and no address", async () => {
  await repository.commit({ changes: [{ path: "main.c", content: "int main(void)\n{\n  int a;\n  int b;\n}\n" }] });
  const facts = await factsOf({
    message: "fix: count again\n\nbecause\n",
    author: { name: "Grace", email: " Grace@Example.org" },
    at: new Date("2026-03-04T05:06:07Z"),
    changes: [{ path: "main.c", content: "int main(void)\n{\n  int a;\n  int b;\n  int c;\n}\n" }],
  });
  const [parent] = (await repository.git("rev-parse", "main~1")).split("\n");
  expect(facts).toEqual({
    commit_hash: await repository.tip(),
    parent_hashes: [parent],
    author_id: authorId("key", "grace@example.org"),
    committed_at: "2026-03-04T05:06:07.000Z",
    message: "fix: count again\n\nbecause",
    is_merge: false,
    files_changed: ["main.c"],
    changes: [
      {
        path: "main.c",
        status: "modified",
        lines_added: 1,
        lines_removed: 0,
        binary: false,
        lines_total: 6,
        indentation_complexity: 3,
        functions: ["int main(void)"],
      },
    ],
    changes_truncated: false,
    files_total: 1,
    lines_added: 1,
    lines_removed: 0,
  });
});

test("a merge is measured against its first parent and marked", async () => {
  await repository.commit({ changes: [{ path: "a", content: "a\n" }] });
  const base = await repository.tip();
  const side = await repository.commit({ branch: "side", parents: [base], changes: [{ path: "s", content: "s\n" }] });
  const ours = await repository.commit({ changes: [{ path: "o", content: "o\n" }] });
  const facts = await factsOf({ parents: [ours, side], changes: [{ path: "s", content: "s\n" }] });
  expect(facts).toMatchObject({ is_merge: true, parent_hashes: [ours, side], files_changed: ["s"], lines_added: 1 });
});

function sourceOf(name: string, value: number): string {
  return `int ${name}(void)\n{\n${"  // filler\n".repeat(6)}  diff --git a/x b/x\n  return ${value};\n}\n`;
}

test("functions stand with their own file, whatever the files contain", async () => {
  await repository.commit({
    changes: ["deleted", "moved", "edited", "tool"].map((name) => ({ path: `${name}.c`, content: sourceOf(name, 1) })),
  });
  const facts = await factsOf({
    changes: [
      { path: "added.c", content: "int added;\n" },
      { path: "deleted.c", deleted: true },
      { path: "edited.c", content: sourceOf("edited", 2) },
      { path: "moved.c", deleted: true },
      { path: "now\nhere.c", content: sourceOf("moved", 2) },
      { path: "tool.c", content: sourceOf("tool", 1), mode: "100755" },
    ],
  });
  expect(Object.fromEntries(facts.changes.map((change) => [change.path, change.functions]))).toEqual({
    "added.c": [],
    "deleted.c": [],
    "edited.c": ["int edited(void)"],
    "now\nhere.c": ["int moved(void)"],
    "tool.c": [],
  });
});

test("deleted, binary and very long files and submodules are not measured line by line", async () => {
  await repository.commit({ changes: [{ path: "deleted", content: "x\n" }] });
  const facts = await factsOf({
    changes: [
      { path: "deleted", deleted: true },
      { path: "binary", content: Buffer.from([1, 0, 2]) },
      { path: "long", content: "0123456789\n".repeat(100_000) },
      { path: "submodule", submodule: "1".repeat(40) },
      { path: "text", content: "x\n" },
    ],
  });
  expect(Object.fromEntries(facts.changes.map((change) => [change.path, change.lines_total]))).toEqual({
    deleted: undefined,
    binary: undefined,
    long: undefined,
    submodule: undefined,
    text: 1,
  });
});

test("of 5,000 files the largest are listed, in 200 KiB, and the totals are exact", async () => {
  const changes = Array.from({ length: 5000 }, (_, at) => ({
    path: `src/file-${at}.ts`,
    content: "x\n".repeat(at % 100),
  }));
  const facts = await factsOf({ changes });
  expect(facts).toMatchObject({ files_total: 5000, lines_added: 50 * 4950, changes_truncated: true });
  expect(facts.changes.length).toBeGreaterThan(500);
  expect(facts.changes.length).toBeLessThanOrEqual(1000);
  expect(facts.changes[0]).toMatchObject({ path: "src/file-1099.ts", lines_added: 99 });
  expect(JSON.stringify([facts.changes, facts.files_changed]).length).toBeLessThan(200 * 1024);
});

test("a message is cut at a character, 16 KiB long", async () => {
  const facts = await factsOf({ message: `x${"ü".repeat(20_000)}` });
  expect(Buffer.byteLength(facts.message)).toBe(16 * 1024 - 1);
  expect(facts.message.endsWith("ü")).toBe(true);
});

test("a commit that is not there is named as not found", async () => {
  const hash = await repository.commit();
  const missing = "1".repeat(40);
  await expect(readCommits(repository, [hash, missing], "key")).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringContaining(missing),
  });
});

test("what is no hash never reaches git", async () => {
  await repository.commit();
  await expect(readCommits(repository, ["--output=x"], "key")).rejects.toMatchObject({ code: "failed" });
});

test("a patch over the limit costs the functions of its own commit's later files, nobody else's", async () => {
  const names = ["one", "two"];
  const [, , ...edits] = await repository.commitAll([
    {},
    { changes: names.map((name) => ({ path: `${name}.c`, content: sourceOf(name, 1) })) },
    { changes: names.map((name) => ({ path: `${name}.c`, content: `${sourceOf(name, 2)}${"x\n".repeat(5000)}` })) },
    { changes: names.map((name) => ({ path: `${name}.c`, content: sourceOf(name, 3) })) },
    { changes: names.map((name) => ({ path: `${name}.c`, content: sourceOf(name, 4) })) },
  ]);
  const functions = await readFunctions(repository, edits, DIFF_OPTIONS, 2000);
  expect(edits.map((hash) => functions.get(hash))).toEqual([
    [["int one(void)"]],
    [["int one(void)"]],
    [["int one(void)"], ["int two(void)"]],
  ]);
});

test("what a work tree's attributes call binary is binary, as in git show", async () => {
  repository = await GitRepository.create(join(folder, "work-tree"), { bare: false });
  await writeFile(join(repository.path, ".gitattributes"), "*.lock -diff\n");
  const facts = await factsOf({ changes: [{ path: "yarn.lock", content: "x\n" }] });
  expect(filesOf(facts)).toEqual((await numstat(facts.commit_hash)).files);
  expect(facts.changes[0]?.binary).toBe(true);
});
