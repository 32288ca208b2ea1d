import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseError } from "./database-error.ts";
import { type Migration, openDatabase } from "./open-database.ts";

const migrations = ["CREATE TABLE notes (note TEXT) STRICT"];
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "open-database-"));
  file = join(folder, "some.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (path = file, schema: readonly Migration[] = migrations) =>
  openDatabase({ file: path, migrations: schema, waitMs: 50 });
const failureOf = (path = file, schema = migrations): DatabaseError => {
  try {
    open(path, schema).close();
  } catch (thrown) {
    if (thrown instanceof DatabaseError) return thrown;
    throw thrown;
  }
  throw new Error("it opened");
};
const makeDatabase = () => {
  const database = open();
  database.exec("INSERT INTO notes VALUES ('kept')");
  database.close();
};
const ADD_AUTHOR = "ALTER TABLE notes ADD COLUMN author TEXT DEFAULT 'nobody'";
const writeMebibytes = (database: DatabaseSync, mebibytes: number) => {
  const insert = database.prepare("INSERT INTO notes VALUES (?)");
  for (let written = 0; written < mebibytes; written += 0.125) insert.run("x".repeat(128 * 1_024));
};
const setting = (database: DatabaseSync, name: string) =>
  Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];

test("what is made is its owner's alone, the log beside it too", () => {
  const database = open();
  database.exec("INSERT INTO notes VALUES ('private')");
  expect([file, `${file}-wal`].map((each) => (statSync(each).mode & 0o777).toString(8))).toEqual(["600", "600"]);
  database.close();
});

describe("a database opens", () => {
  test("with its folders made, in write-ahead mode, synced at every commit, with foreign keys, a small cache, at its schema's version", () => {
    const database = open(join(folder, "a/b/some.db"));
    const names = ["journal_mode", "synchronous", "foreign_keys", "locking_mode", "cache_size", "user_version"];
    expect(names.map((name) => setting(database, name))).toEqual(["wal", 2, 1, "exclusive", -256, 1]);
    database.close();
  });

  test("for rows written at the end in larger pages, and checkpoints before its log has three MiB", () => {
    const database = openDatabase({ file, migrations, written: "at-the-end" });
    expect(setting(database, "page_size")).toBe(8_192);
    writeMebibytes(database, 20);
    expect(statSync(`${file}-wal`).size).toBeLessThan(3 * 1_024 * 1_024);
    database.close();
  });

  test("with the pages that it was made with, and checkpoints after as many bytes", () => {
    makeDatabase();
    const database = openDatabase({ file, migrations, written: "at-the-end" });
    expect(setting(database, "page_size")).toBe(4_096);
    writeMebibytes(database, 20);
    expect(statSync(`${file}-wal`).size).toBeLessThan(3 * 1_024 * 1_024);
    database.close();
  });

  test("where the file is empty", () => {
    writeFileSync(file, "");
    makeDatabase();
    expect(existsSync(file)).toBe(true);
  });

  test.each<[string, Migration]>([
    ["SQL", ADD_AUTHOR],
    ["what runs SQL", (database) => database.exec(ADD_AUTHOR)],
  ])("with what it held, and brings it to a newer schema once, by %s", (_, migration) => {
    makeDatabase();
    const newer = [...migrations, migration];
    open(file, newer).close();
    const database = open(file, newer);
    expect(database.prepare("SELECT * FROM notes").all()).toEqual([{ note: "kept", author: "nobody" }]);
    expect(setting(database, "user_version")).toBe(2);
    database.close();
  });
});

describe("a database that cannot be opened says in one line which file, what is wrong and the remedy:", () => {
  const REMEDY_OF_CORRUPT =
    "Move it away, with the -wal file beside it if there is one, and start again with an empty one or with a copy.";

  test("not a database", () => {
    writeFileSync(file, "hello world, ".repeat(1_000));
    const failure = failureOf();
    expect(failure.code).toBe("corrupt");
    expect(failure.message).toBe(
      `${file} is damaged, or is no database (file is not a database). ${REMEDY_OF_CORRUPT}`,
    );
    expect(failure.remedy).toBe(REMEDY_OF_CORRUPT);
  });

  test("cut off", () => {
    makeDatabase();
    writeFileSync(file, readFileSync(file).subarray(0, 4_096));
    expect(failureOf().message).toBe(
      `${file} is damaged, or is no database (database disk image is malformed). ${REMEDY_OF_CORRUPT}`,
    );
  });

  test("in use by another process, until that one is killed", async () => {
    makeDatabase();
    await using other = await holdOpen(file);
    expect(failureOf().message).toBe(
      `${file} is in use by another ContextPilot (database is locked). Stop that one, or give this one a data folder of its own.`,
    );
    await other.kill();
    open().close();
  });

  test("in use by this process", () => {
    const first = open();
    expect(failureOf().code).toBe("locked");
    first.close();
  });

  test("a file that is not to be written", () => {
    makeDatabase();
    const bytes = readFileSync(file);
    bytes[18] = 3; // A write version that SQLite does not know: it reads such a file, and never writes it.
    writeFileSync(file, bytes);
    expect(failureOf().message).toBe(
      `${file} cannot be written (attempt to write a readonly database). Let this user write the file and its folder, or choose another data folder.`,
    );
  });

  test("a file and a folder of another user", () => {
    makeDatabase();
    chmodSync(file, 0o444);
    chmodSync(folder, 0o555);
    const failures = withoutRootsRights(() => [failureOf(), failureOf(join(folder, "new.db"))]);
    chmodSync(folder, 0o700);
    expect(failures.map(({ code }) => code)).toEqual(["read-only", "read-only"]);
  });

  test("the error of a file system without rights, or without room", () => {
    for (const [code, expected] of [
      ["EACCES", "read-only"],
      ["EROFS", "read-only"],
      ["ENOSPC", "full"],
      ["ENOTDIR", "failed"],
    ] as const) {
      expect(DatabaseError.from(systemError(code), file)).toMatchObject({ code: expected, file });
    }
  });

  test("a folder in the place of the file", () => {
    mkdirSync(file);
    expect(failureOf().message).toBe(
      `${file} cannot be used (it is a folder). Check its path and the disk, or choose another data folder.`,
    );
  });

  test("a file in the place of the folder", () => {
    writeFileSync(join(folder, "data"), "");
    const failure = failureOf(join(folder, "data", "some.db"));
    expect(failure.code).toBe("failed");
    expect(failure.message).toContain(`${join(folder, "data", "some.db")} cannot be used (`);
  });

  test("written by a newer program, and leaves it as it was", () => {
    open(file, [...migrations, "CREATE TABLE more (more TEXT) STRICT"]).close();
    const before = readFileSync(file);
    const failure = failureOf();
    expect(failure.code).toBe("newer");
    expect(failure.message).toBe(
      `${file} was written by a newer ContextPilot (schema 2, this one knows 1). Update this one, or choose another data folder.`,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("another program's database, and leaves it as it was", () => {
    const others = new DatabaseSync(file);
    others.exec("CREATE TABLE theirs (a)");
    others.close();
    expect(failureOf().message).toContain("it holds the tables of another program");
    expect(failureOf().code).toBe("failed");
  });

  test("a schema that fails, of which nothing stays", () => {
    expect(failureOf(file, [...migrations, "CREATE TABLE notes (again TEXT)"]).message).toContain(
      "table notes already exists",
    );
    makeDatabase();
  });
});

const systemError = (code: string) => Object.assign(new Error(`${code}: mkdir`), { code, syscall: "mkdir" });

/** Root may write everywhere, so it becomes nobody meanwhile. */
function withoutRootsRights<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Another process that has the database open, until it is killed. */
async function holdOpen(path: string) {
  const program = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(${JSON.stringify(path)});
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT");
    process.stdout.write("open");
    process.stdin.resume();`;
  const child: ChildProcess = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const [said] = (await Promise.race([once(child.stdout ?? child, "data"), ended])) as unknown[];
  if (String(said) !== "open") throw new Error(`the other process ended with ${String(said)}`);
  return { kill, [Symbol.asyncDispose]: kill };
}
