import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataOf, EventType } from "@contextpilot/events";
import { GitRepository, until } from "@contextpilot/testing";
import { openDataFolder } from "../house/data-folder.ts";
import { loadSecrets } from "../house/secrets.ts";
import { startHouse, type House } from "../house/start-house.ts";
import { runCommand, type Ran, type RunOptions } from "./commands.fixture.ts";

let folder: string;
let data: string;
let house: House | undefined;
let bare: GitRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-since-"));
  data = join(folder, "data");
  bare = await GitRepository.create(join(folder, "till.git"));
});
afterEach(async () => {
  await house?.close();
  house = undefined;
  await rm(folder, { recursive: true, force: true });
});

const watch = (since: string, path = bare.path, options: RunOptions = {}): Promise<Ran> =>
  runCommand(["watch", path, "--since", since, "--json", "--data", data], {
    stopped: new AbortController().signal,
    ...options,
  });

async function openHouse(): Promise<void> {
  const opened = openDataFolder(data);
  const ports = { webhookPort: 0, apiPort: 0, retryScale: 0.01 };
  house = await startHouse({ data: opened, secrets: loadSecrets(data), repositories: {}, ...ports });
}

/** A day of a history that began so many commits ago, one a day. */
const DAY_MS = 24 * 60 * 60_000;
const historyOf = (commits: number) =>
  Array.from({ length: commits }, (_, index) => ({
    message: `feat: step ${index}`,
    at: new Date(Date.now() - (commits - index) * DAY_MS + DAY_MS / 2),
    changes: [{ path: `src/part-${index % 20}.ts`, content: "  if (x) {\n".repeat(60 + index) }],
  }));

async function said<T extends EventType>(type: T): Promise<readonly DataOf<T>[]> {
  const page = await house?.feed.readModel.events({ tenant_id: "default", limit: 500, type });
  return (page?.items ?? []).map(({ event }) => event.data as DataOf<T>).toReversed();
}

const importedIn = ({ out }: Ran): unknown => (JSON.parse(out) as { imported?: unknown }).imported;

test("a history is measured from the day on, marked as import, and nudges nobody", async () => {
  const hashes = await bare.commitAll(historyOf(230));
  await openHouse();

  const ran = await watch("150d");

  expect(importedIn(ran)).toMatchObject({ commits: 150, measured: 150, total: 150 });
  const updates = await said("context.update.v1");
  expect(updates).toHaveLength(150);
  expect(new Set(updates.map(({ commit_hash }) => commit_hash))).toEqual(new Set(hashes.slice(-150)));
  expect(new Set(updates.map(({ origin }) => origin))).toEqual(new Set(["import"]));
  for (const type of ["coach.nudge.v1", "strategy.insight.v1", "proposal.created.v1"] as const) {
    expect([type, await said(type)]).toEqual([type, []]);
  }
  expect((await said("git.commit.v1")).filter(({ documents }) => documents !== undefined)).toEqual([]);
});

test("an import that is given again says nothing a second time, and goes on with what is older", async () => {
  const hashes = await bare.commitAll(historyOf(230));
  await openHouse();
  await watch("40d");
  expect(importedIn(await watch("40d"))).toMatchObject({ commits: 40, measured: 0, total: 40 });
  expect(importedIn(await watch("1y"))).toMatchObject({ commits: 230, measured: 190, total: 230 });
  const updates = await said("context.update.v1");
  expect(new Set(updates.map(({ commit_hash }) => commit_hash))).toEqual(new Set(hashes));
  expect(updates).toHaveLength(230);
});

test("an import moves no branch: the next push is said from where the branch stood, with what is new", async () => {
  await bare.commitAll(historyOf(10));
  const before = await bare.tip();
  await openHouse();
  await watch("1y");
  const clone = await GitRepository.create(join(folder, "clone"), { bare: false });
  await clone.git("remote", "add", "origin", bare.path);
  await clone.git("fetch", "--quiet");
  await clone.git("reset", "--quiet", "--hard", "origin/main");
  const after = await clone.commit();
  await clone.git("push", "--quiet", "origin", "main");
  await until(async () => (await said("git.commit.v1")).length === 11, "the pushed commit");
  expect((await said("git.push.v1")).at(-1)).toMatchObject({ before, after });
  expect((await said("git.commit.v1")).at(-1)).toMatchObject({ commit_hash: after, origin: "push" });
});

test("of a clone the remote's default branch is imported, with what was merged into it", async () => {
  const [first = ""] = await bare.commitAll(historyOf(3));
  const side = await bare.commitAll([{ branch: "side", parents: [first] }, { branch: "side" }]);
  await bare.commit({ parents: ["main", ...side.slice(-1)], at: new Date() });
  const clone = await GitRepository.create(join(folder, "clone"), { bare: false });
  await clone.git("remote", "add", "origin", bare.path);
  await clone.git("fetch", "--quiet");
  await clone.git("remote", "set-head", "origin", "main");
  await openHouse();
  expect(importedIn(await watch("2d", clone.path))).toMatchObject({ commits: 5, measured: 5 });
});

test("Ctrl-C stops it between two slices, and the same command goes on", async () => {
  await bare.commitAll(historyOf(330));
  await openHouse();
  const stop = new AbortController();
  const counting = house?.feed.follow((entry) => {
    if (entry.kind === "event" && entry.event.event_type === "context.update.v1") stop.abort();
  });
  const ran = await watch("1y", bare.path, { stopped: stop.signal });
  counting?.();
  expect(ran.failed).toBe(true);
  const { commits } = importedIn(ran) as { commits: number };
  expect(commits).toBeLessThan(330);
  expect(importedIn(await watch("1y"))).toMatchObject({ commits: 330, total: 330 });
  await until(async () => (await said("context.update.v1")).length === 330, "each commit to be measured, once", {
    withinMs: 60_000,
  });
});

test("where no house runs the hook is installed, and it is said how to come back to the history", async () => {
  await bare.commitAll(historyOf(2));
  const ran = await watch("90d");
  expect(ran.failed).toBe(true);
  expect(ran.err).toBe(
    "No house runs, so no history was imported: start it with ./contextpilot up, and watch again with --since\n",
  );
  expect(JSON.parse(ran.out)).toMatchObject({ name: "till", hook: join(bare.path, "hooks", "post-receive") });
});

test("a repository without commits, or none since then, has nothing to import", async () => {
  await openHouse();
  expect(importedIn(await watch("90d"))).toMatchObject({ commits: 0, total: 0 });
  await bare.commit({ at: new Date("2020-01-01T00:00:00Z") });
  expect(importedIn(await watch("2026-01-01"))).toMatchObject({ commits: 0, total: 0 });
  expect(importedIn(await watch("2019-12-31T23:00:00+01:00"))).toMatchObject({ commits: 1, total: 1 });
});

test("a shallow repository is imported as far as it goes", async () => {
  await bare.commitAll(historyOf(30));
  const shallow = join(folder, "shallow.git");
  await bare.git("clone", "--quiet", "--bare", "--depth=12", `file://${bare.path}`, shallow);
  await openHouse();
  expect(importedIn(await watch("1y", shallow))).toMatchObject({ commits: 12, measured: 12 });
});

test.each(["", "90", "d", "0d", "-3d", "90days", "yesterday", "2026-13-01", "2026-02-30", "12345d", "90d; rm -rf"])(
  "--since %j is refused, and how to say it is said",
  async (since) => {
    await expect(watch(since)).rejects.toThrow("say how far back: 90d, 12w, 6m or 1y, or a date as 2026-03-01");
  },
);
