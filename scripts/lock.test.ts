import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "./lock.mjs";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lock-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("processes that start at once work one after another", async () => {
  const log = join(folder, "log");
  const program = `
    import { appendFileSync } from "node:fs";
    import { setTimeout as wait } from "node:timers/promises";
    import { withLock } from ${JSON.stringify(join(import.meta.dirname, "lock.mjs"))};
    await withLock(${JSON.stringify(join(folder, "lock"))}, async () => {
      appendFileSync(${JSON.stringify(log)}, "in ");
      await wait(30);
      appendFileSync(${JSON.stringify(log)}, "out ");
    });`;
  const workers = [1, 2, 3].map(() => spawn(process.execPath, ["--input-type=module", "--eval", program]));
  const codes = await Promise.all(workers.map(async (worker) => (await once(worker, "exit"))[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(log, "utf8")).toBe("in out in out in out ");
  expect(readdirSync(folder)).toEqual(["log"]);
});

test("the lock of a process that died is taken over", async () => {
  const lock = join(folder, "lock");
  const { pid } = spawnSync(process.execPath, ["--eval", ""]);
  writeFileSync(lock, String(pid));
  let waited = false;
  await withLock(
    lock,
    async () => expect(readFileSync(lock, "utf8")).toBe(String(process.pid)),
    () => (waited = true),
  );
  expect(waited).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test("the lock is free again when the work failed", async () => {
  const failing = withLock(join(folder, "lock"), () => Promise.reject(new Error("no network")));
  await expect(failing).rejects.toThrow("no network");
  expect(readdirSync(folder)).toEqual([]);
});
