import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AlreadyHandled, type Clock } from "@contextpilot/messaging";
import { storeConformance } from "@contextpilot/testing";
import { openDatabase } from "./open-database.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { MIGRATIONS } from "./store-schema.ts";

storeConformance("SqliteStore", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sqlite-store-"));
  let store = SqliteStore.open({ file: join(folder, "store.db") });
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = SqliteStore.open({ file: join(folder, "store.db") }));
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});

const record = (index: number) => `record${index}`;

describe("a SQLite store", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sqlite-store-"));
    file = join(folder, "store.db");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("writes what was waiting when it is closed, and refuses what comes later", async () => {
    const store = SqliteStore.open({ file });
    const waiting = store.commit({ create: { key: "a", value: 1 }, documents: [] });
    await store.close();
    await waiting;
    await expect(store.commit({ documents: [] })).rejects.toThrow(`${file} was closed: nothing more is written`);

    const again = SqliteStore.open({ file });
    expect((await again.read(["a"]))[0]?.value).toBe(1);
    await again.close();
  });

  test("forgets what expired, a few with each commit, and nothing else", async () => {
    let now = Date.parse("2026-01-01T00:00:00Z");
    const clock: Clock = { now: () => new Date(now) };
    const store = SqliteStore.open({ file, clock });
    for (let index = 0; index < 14; index += 1) {
      const expiresAt = new Date(now + (index < 10 ? 1_000 : 3_600_000)).toISOString();
      await store.commit({ create: { key: record(index), value: index, expiresAt }, documents: [] });
    }
    const kept = async () =>
      (await store.read(Array.from({ length: 14 }, (_, index) => record(index)))).filter(({ version }) => version);

    now += 2_000;
    expect(await kept()).toHaveLength(14);
    const left: number[] = [];
    for (let commit = 0; commit < 4; commit += 1) {
      await store.commit({ documents: [] });
      left.push((await kept()).length);
    }
    expect(left).toEqual([10, 6, 4, 4]);
    expect((await kept())[0]?.key).toBe(record(10));
    await store.close();
  });

  test("opens a file of the first schema with all that it held, and refuses again what was handled then", async () => {
    const first = openDatabase({ file, migrations: MIGRATIONS.slice(0, 1) });
    const insert = first.prepare("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)");
    const keys = ["café", "nul\0", "z", ...Array.from({ length: 2_000 }, (_, index) => record(index))];
    for (const [index, key] of keys.entries()) insert.run(index + 7, key, `{"of":${index}}`, `1.${index}`, null, null);
    insert.run(3, "due", "3", "1.d", null, Date.parse("2026-01-01T00:00:00Z"));
    insert.run(4, "expired", "4", "1.e", Date.parse("2026-01-01T00:00:00Z"), null);
    first.close();

    const store = SqliteStore.open({ file });
    expect(await store.read(keys)).toEqual(
      keys.map((key, index) => ({ key, value: { of: index }, version: `1.${index}` })),
    );
    expect(await store.due(new Date(), 10)).toEqual([{ key: "due", value: 3, version: "1.d" }]);
    await expect(store.commit({ create: { key: "z", value: 0 }, documents: [] })).rejects.toThrow(AlreadyHandled);
    await store.commit({ documents: [{ key: "café", expected: "1.0", change: { kind: "set", value: "changed" } }] });
    expect((await store.read(["café", "expired"])).map(({ value }) => value)).toEqual(["changed", undefined]);
    await store.close();
  });

  test("finds what expired by an index", async () => {
    await SqliteStore.open({ file }).close();
    const database = new DatabaseSync(file, { readOnly: true });
    const plan = database
      .prepare("EXPLAIN QUERY PLAN SELECT id FROM documents WHERE expires_at <= ? ORDER BY expires_at LIMIT 20")
      .all(0);
    database.close();
    expect(plan.map(({ detail }) => detail)).toEqual([
      "SEARCH documents USING COVERING INDEX documents_by_expiry (expires_at<?)",
    ]);
  });
});
