import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { GroupCommit } from "./group-commit.ts";
import { openDatabase } from "./open-database.ts";

let folder: string;
let database: DatabaseSync;
let commits: GroupCommit;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "group-commit-"));
  database = openDatabase({
    file: join(folder, "log.db"),
    migrations: [
      `CREATE TABLE numbers (number INTEGER PRIMARY KEY, note TEXT) STRICT;
       CREATE TABLE followers (number INTEGER REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED) STRICT;`,
    ],
  });
  commits = new GroupCommit(database);
});
afterEach(() => {
  commits.close();
  database.close();
  rmSync(folder, { recursive: true });
});

const insert = (number: number, note = "") => database.prepare("INSERT INTO numbers VALUES (?, ?)").run(number, note);
const numbers = () =>
  database
    .prepare("SELECT number FROM numbers ORDER BY number")
    .all()
    .map(({ number }) => number);
const statuses = async (units: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(units)).map(({ status }) => status);

test("what a unit returns comes back when its transaction has ended", async () => {
  const answer = commits.run(() => {
    insert(1);
    return "written";
  });
  expect(numbers()).toEqual([]);
  expect(await answer).toBe("written");
  expect(database.isTransaction).toBe(false);
  expect(numbers()).toEqual([1]);
});

test("units of one turn run in order, each once, in one transaction", async () => {
  const seen: unknown[] = [];
  const units = [1, 2, 3].map((number) =>
    commits.run(() => {
      seen.push([number, database.isTransaction, numbers()]);
      insert(number);
    }),
  );
  await Promise.all(units);
  expect(seen).toEqual([
    [1, true, []],
    [2, true, [1]],
    [3, true, [1, 2]],
  ]);
});

test("of ten units one fails after its first write: it leaves nothing, and the other nine are there", async () => {
  const units = Array.from({ length: 10 }, (_, index) =>
    commits.run(() => {
      insert(index);
      if (index === 4) throw new RangeError("not this one");
    }),
  );
  await expect(units[4]).rejects.toEqual(new RangeError("not this one"));
  expect((await statuses(units)).filter((status) => status === "fulfilled")).toHaveLength(9);
  expect(numbers()).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
});

test("a unit that fails alone leaves nothing, and the next one works", async () => {
  await expect(
    commits.run(() => {
      insert(1);
      throw new RangeError("not this one");
    }),
  ).rejects.toThrow("not this one");
  await commits.run(() => insert(2));
  expect(numbers()).toEqual([2]);
});

test("an error of SQLite in a unit is a DatabaseError that names the file", async () => {
  await commits.run(() => insert(1));
  await expect(commits.run(() => insert(1))).rejects.toMatchObject({
    name: "DatabaseError",
    code: "failed",
    file: join(folder, "log.db"),
  });
});

test("a commit that fails rejects all its units, and nothing of them is written", async () => {
  const units = [
    commits.run(() => insert(1)),
    commits.run(() => database.exec("INSERT INTO followers VALUES (99)")), // found wrong by COMMIT
    commits.run(() => insert(2)),
  ];
  expect(await statuses(units)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(units[0]).rejects.toMatchObject({
    name: "DatabaseError",
    message: expect.stringContaining("FOREIGN KEY constraint failed") as string,
  });
  expect(numbers()).toEqual([]);
  await commits.run(() => insert(3));
  expect(numbers()).toEqual([3]);
});

test("a full disk rejects its units with the remedy, keeps what was there, and passes when there is room again", async () => {
  await commits.run(() => insert(1));
  const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const units = [
    commits.run(() => insert(2)),
    commits.run(() => insert(3, "x".repeat(50_000))),
    commits.run(() => insert(4)),
  ];
  await expect(units[1]).rejects.toMatchObject({
    code: "full",
    message: `${join(folder, "log.db")} cannot grow: the disk is full (database or disk is full). Free some space; what was accepted before is kept.`,
  });
  const happened = await statuses(units);
  expect(numbers()).toEqual([1, ...[2, 3, 4].filter((_, index) => happened[index] === "fulfilled")]);

  database.exec("PRAGMA max_page_count = 1000000");
  await commits.run(() => insert(5, "x".repeat(50_000)));
  expect(numbers()).toContain(5);
});

test("more units than one flush takes are all written, in order", async () => {
  const written: number[] = [];
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      await commits.run(() => insert(index));
      written.push(index);
    }),
  );
  expect(written).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  expect(numbers()).toHaveLength(1_000);
});

test("closing writes what waits, and refuses what comes later", async () => {
  const waiting = commits.run(() => insert(1));
  commits.close();
  await waiting;
  await expect(commits.run(() => insert(2))).rejects.toThrow("was closed");
  expect(numbers()).toEqual([1]);
});
