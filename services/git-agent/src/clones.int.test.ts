import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clones, type Clone } from "./clones.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "clones-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const pathOf = ({ path }: Clone): Promise<string> => Promise.resolve(path);
const isThere = (path: string): Promise<boolean> =>
  readdir(path).then(
    () => true,
    () => false,
  );

test("a repository's clone is kept for the next job, and is a bare one without hooks", async () => {
  const clones = new Clones(folder);
  const path = await clones.lend("a", pathOf);
  expect(await clones.lend("a", pathOf)).toBe(path);
  expect((await readdir(path)).sort()).toEqual(["HEAD", "config", "objects", "refs"]);
});

test("where room is wanted the clone goes that was used longest ago, and none that is read", async () => {
  let free = 10;
  const clones = new Clones(folder, { wantsRoom: async () => free <= 0 });
  const paths: Record<string, string> = {};
  for (const url of ["a", "b", "c", "a"]) paths[url] = await clones.lend(url, pathOf);
  const there = async () => {
    const urls = ["a", "b", "c", "d"];
    const found = await Promise.all(urls.map((url) => isThere(paths[url] ?? "nowhere")));
    return urls.filter((_, i) => found[i]);
  };
  const reading = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const reader = clones.lend("b", () => {
    begun.resolve();
    return reading.promise;
  });
  await begun.promise;
  free = 0;
  paths["d"] = await clones.lend("d", async (clone) => {
    free = 10;
    return clone.path;
  });
  expect(await there()).toEqual(["b", "d"]); // used in the order c, a, b: b is read
  reading.resolve();
  await reader;
  expect(await clones.lend("b", pathOf)).toBe(paths["b"]);
});

test("jobs write one after the other; who gives up waiting does not hold up the others", async () => {
  const clones = new Clones(folder);
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const abort = new AbortController();
  const { signal } = new AbortController();
  await clones.lend("a", async (clone) => {
    const running = [
      clone.alone(signal, async () => {
        await first.promise;
        order.push("first");
      }),
      clone.alone(abort.signal, async () => void order.push("given up")),
      clone.alone(signal, async () => void order.push("third")),
    ];
    abort.abort(new Error("out of time"));
    await expect(running[1]).rejects.toThrow("out of time");
    first.resolve();
    await Promise.all([running[0], running[2]]);
  });
  expect(order).toEqual(["first", "third"]);
});

test("a clone that was spoiled under a job is made anew for the next, and goes with its last reader", async () => {
  const clones = new Clones(folder);
  const reading = Promise.withResolvers<void>();
  const paths: string[] = [];
  const reader = clones.lend("a", async (clone) => {
    paths.push(clone.path);
    await reading.promise;
  });
  await clones.lend("a", async (clone) => void (clone.isSpoiled = true));
  await clones.lend("a", async (clone) => void paths.push(clone.path));
  const [old = "", fresh = ""] = paths;
  expect(fresh).not.toBe(old);
  expect(await isThere(old)).toBe(true);
  reading.resolve();
  await reader;
  expect([await isThere(old), await isThere(fresh)]).toEqual([false, true]);
});

test("what else is in the folder is left alone", async () => {
  await writeFile(join(folder, "1.git"), "mine");
  await new Clones(folder).lend("a", async (clone) => void (clone.isSpoiled = true));
  expect(await readdir(folder)).toContain("1.git");
});

test("a folder that cannot be written to is said by its setting, and asked again the next time", async () => {
  const clones = new Clones(join(folder, "later"));
  await expect(clones.lend("a", pathOf)).rejects.toThrow(/GIT_FOLDER must be writable/);
  await mkdir(join(folder, "later"));
  expect(await isThere(await clones.lend("a", pathOf))).toBe(true);
});
