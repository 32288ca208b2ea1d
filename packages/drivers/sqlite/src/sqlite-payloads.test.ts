import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { payloadsConformance } from "@contextpilot/testing";
import { openDatabase } from "./open-database.ts";
import { SqlitePayloads } from "./sqlite-payloads.ts";

payloadsConformance("SqlitePayloads", async () => {
  const folder = mkdtempSync(join(tmpdir(), "payloads-"));
  const file = join(folder, "payloads.sqlite");
  let payloads = SqlitePayloads.open({ file });
  return {
    payloads,
    reopen: async () => {
      await payloads.close();
      payloads = SqlitePayloads.open({ file });
      return payloads;
    },
    close: async () => {
      await payloads.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe("a payload goes 70 days after its last use", () => {
  const DAY_MS = 86_400_000;
  const BEGIN = Date.parse("2026-03-02T12:00:00.000Z");
  let now: number;
  let folder: string;
  let payloads: SqlitePayloads;

  beforeEach(() => {
    now = BEGIN;
    folder = mkdtempSync(join(tmpdir(), "payloads-"));
    payloads = SqlitePayloads.open({ file: join(folder, "payloads.sqlite"), clock: { now: () => new Date(now) } });
  });
  afterEach(async () => {
    await payloads.close();
    rmSync(folder, { recursive: true });
  });

  const put = (text: string): Promise<string> => payloads.put(Buffer.from(text));
  /** Looks without using it. */
  const isKept = async (name: string): Promise<boolean> => {
    const time = now;
    now = BEGIN;
    const found = await payloads.get(name);
    now = time;
    return found !== undefined;
  };

  test("with a put that follows, and not before", async () => {
    const old = await put("old");
    now = BEGIN + 70 * DAY_MS;
    await put("just before");
    expect(await isKept(old)).toBe(true);
    now += 1;
    await put("just after");
    expect(await isKept(old)).toBe(false);
  });

  test("a put of the same bytes and a get count as use, also where they come on the last day", async () => {
    const [again, read, unused] = [await put("again"), await put("read"), await put("unused")];
    now = BEGIN + 69 * DAY_MS;
    await put("again");
    expect(await payloads.get(read)).toEqual(new Uint8Array(Buffer.from("read")));
    now = BEGIN + 100 * DAY_MS;
    await put("another");
    expect([await isKept(again), await isKept(read), await isKept(unused)]).toEqual([true, true, false]);
  });

  test("those of a house that did not know when they were used count from its first start", async () => {
    const file = join(folder, "old.sqlite");
    const database = openDatabase({
      file,
      migrations: ["CREATE TABLE payloads (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"],
    });
    database.exec("INSERT INTO payloads VALUES ('h', x'00')");
    database.close();
    const later = SqlitePayloads.open({ file });
    await later.put(Buffer.from("new"));
    const old = await later.get("h");
    await later.close();
    expect(old).toEqual(new Uint8Array(1));
  });
});
