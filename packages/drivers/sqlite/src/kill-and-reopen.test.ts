import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "@contextpilot/testing";
import { openDatabase } from "./open-database.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { MIGRATIONS } from "./store-schema.ts";

const ROUNDS = 5;
const COMMITTER = fileURLToPath(new URL("commit-until-killed.fixture.ts", import.meta.url));

test("kill -9 in the middle of commits, five times: what resolved is there, and no unit is there by half", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kill-and-reopen-"));
  const file = join(folder, "store.db");
  const resolved: number[] = [];
  let next = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const said = await commitUntilKilled(file, next, 20 + 137 * round);
    expect(said.length).toBeGreaterThan(0);
    resolved.push(...said);

    const store = SqliteStore.open({ file });
    const held = await numbersHeld(store, Math.max(...resolved) + 1_000);
    for (const parts of held.values()) expect(parts).toEqual(["record", "left", "right"]);
    expect(resolved.filter((number) => !held.has(number))).toEqual([]);
    expect(await sumOfTotals(store)).toBe(held.size);
    await store.close();
    next = Math.max(...held.keys()) + 1;
  }
  rmSync(folder, { recursive: true });
});

test("kill -9 while a file of the first schema is brought to the next: the next start does it, and nothing is lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kill-and-reopen-"));
  const file = join(folder, "store.db");
  const keys = Array.from({ length: 30_000 }, (_, index) => `record${index}`);
  writeFirstSchema(file, keys);
  const child = spawn(process.execPath, ["--no-warnings", COMMITTER, file], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const said: unknown[] = [];
  child.stdout.on("data", (chunk) => said.push(chunk));
  await until(() => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 4_000_000, "half of the rows");
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(said).toEqual([]);

  const store = SqliteStore.open({ file });
  const documents = await store.read(keys);
  expect(documents.filter(({ value }, index) => value !== `${index}`.padStart(1_000)).length).toBe(0);
  await store.close();
  rmSync(folder, { recursive: true });
});

function writeFirstSchema(file: string, keys: readonly string[]): void {
  const database = openDatabase({ file, migrations: MIGRATIONS.slice(0, 1) });
  const insert = database.prepare("INSERT INTO documents (key, value, version) VALUES (?, ?, '1.1')");
  database.exec("BEGIN");
  for (const [index, key] of keys.entries()) insert.run(key, JSON.stringify(`${index}`.padStart(1_000)));
  database.exec("COMMIT");
  database.close();
}

/** The numbers whose commit resolved in a process that is killed as soon as it has said so many. */
async function commitUntilKilled(file: string, from: number, many: number): Promise<readonly number[]> {
  const child = spawn(process.execPath, ["--no-warnings", COMMITTER, file, String(from)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const said: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(Number(line));
    if (said.length === many) child.kill("SIGKILL");
  }
  const [, signal] = (await ended) as unknown[];
  if (signal !== "SIGKILL") throw new Error("the committer ended by itself");
  return said;
}

/** For each number below `end` that has any document: which of them. */
async function numbersHeld(store: SqliteStore, end: number): Promise<Map<number, readonly string[]>> {
  const held = new Map<number, readonly string[]>();
  for (let number = 0; number < end; number += 1) {
    const parts = ["record", "left", "right"];
    const documents = await store.read(parts.map((part) => `${part}${number}`));
    const there = parts.filter((_, index) => documents[index]?.value === number);
    if (there.length > 0) held.set(number, there);
  }
  return held;
}

async function sumOfTotals(store: SqliteStore): Promise<number> {
  const totals = await store.read(Array.from({ length: 8 }, (_, index) => `total${index}`));
  return totals.reduce((sum, { value }) => sum + Number(value ?? 0), 0);
}
