import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "@contextpilot/messaging";
import { GitRepository, Stage } from "@contextpilot/testing";
import { handlers } from "./handlers.ts";
import { commitsIn, hashesIn, pushed } from "./pushes.fixture.ts";

let folder: string;
let paths: Record<string, string>;
let stage: Stage<"git-agent">;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "odd-repositories-"));
  paths = {};
  const repository = (name: string) => (paths[name] === undefined ? undefined : { path: paths[name] });
  const repositories = () => Object.keys(paths);
  stage = new Stage("git-agent", handlers({ repository, repositories, authorKey: "key" }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const create = (name: string): Promise<GitRepository> => GitRepository.create(join(folder, name));
const errorsOf = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome.kind === "retry" ? outcome.error.message : outcome.kind));

test("a shallow repository is read as far as it goes", async () => {
  const whole = await create("whole.git");
  const hashes = await whole.commitAll(Array.from({ length: 9 }, () => ({})));
  paths["shop"] = join(folder, "shallow.git");
  await whole.git("clone", "--quiet", "--bare", "--depth=3", `file://${whole.path}`, paths["shop"]);
  await stage.tell(pushed(hashes[8] ?? "", { before: hashes[2] ?? "" }));
  expect(hashesIn(stage.publisher.events)).toEqual(hashes.slice(-3));
});

test("a linked work tree and a submodule are read as any other repository", async () => {
  const origin = await create("origin.git");
  const commit = await origin.commit();
  const clone = await GitRepository.create(join(folder, "clone"), { bare: false });
  await clone.git("fetch", "--quiet", origin.path, "main:main", "--update-head-ok");
  await clone.git("worktree", "add", "--quiet", "-b", "linked", join(folder, "linked"));
  await clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", origin.path, "inner");
  paths = { linked: join(folder, "linked"), inner: join(clone.path, "inner") };
  for (const repository of Object.keys(paths)) await stage.tell(pushed(commit, { repository }));
  expect(commitsIn(stage.publisher.events)).toMatchObject([
    { repository: "linked", commit_hash: commit },
    { repository: "inner", commit_hash: commit },
  ]);
});

test.each<[string, string, (path: string) => Promise<unknown>]>([
  ["whose HEAD is damaged", "it is no git repository", (path) => writeFile(join(path, "HEAD"), "nonsense")],
  ["whose settings are damaged", "bad config line", (path) => writeFile(join(path, "config"), "[core\n")],
  ["whose objects are damaged", "is not in", (path) => damageObjects(path)],
  ["whose folder is gone", "is no folder", (path) => rm(path, { recursive: true })],
])("a push to a repository %s is said to fail, and holds up no other repository", async (_what, words, damage) => {
  const [broken, shop] = [await create("broken.git"), await create("shop.git")];
  paths = { broken: broken.path, shop: shop.path };
  const lost = await broken.commit({ changes: [{ path: "a", content: "a\n" }] });
  await damage(broken.path);
  expect(errorsOf(await stage.tell(pushed(lost, { repository: "broken" })))).toEqual([expect.stringContaining(words)]);
  const commit = await shop.commit();
  await stage.tell(pushed(commit));
  expect(hashesIn(stage.publisher.events)).toEqual([commit]);
});

test("a push on a machine without git waits uncounted until there is one", async () => {
  const shop = await create("shop.git");
  paths = { shop: shop.path };
  const commit = await shop.commit();
  const { PATH } = process.env;
  try {
    process.env["PATH"] = folder;
    const [outcome] = await stage.tell(pushed(commit));
    expect(outcome).toMatchObject({ kind: "retry", error: { code: "unavailable" } });
    expect(errorsOf(outcome ? [outcome] : [])).toEqual([expect.stringContaining("is git installed and in PATH?")]);
  } finally {
    process.env["PATH"] = PATH;
  }
  await stage.redeliver();
  expect(hashesIn(stage.publisher.events)).toEqual([commit]);
});

async function damageObjects(path: string): Promise<void> {
  const objects = join(path, "objects");
  for (const name of await readdir(objects, { recursive: true })) {
    if (!/^[0-9a-f]{2}\/[0-9a-f]{38}$/.test(name)) continue;
    await rm(join(objects, name));
    await writeFile(join(objects, name), "junk");
  }
}

test("a commit of 100,000 files is said with its exact total, and the largest of them", async () => {
  const shop = await create("shop.git");
  paths["shop"] = shop.path;
  const changes = Array.from({ length: 100_000 }, (_, at) => ({
    path: `src/${at % 300}/${at}.ts`,
    content: `${at}\n`,
  }));
  const huge = await shop.commit({ changes });
  const next = await shop.commit({ changes: [{ path: "src/0/0.ts", content: "x\n" }] });
  await stage.tell(pushed(huge));
  await stage.tell(pushed(next, { before: huge }));
  const [first, second] = commitsIn(stage.publisher.events);
  expect(first).toMatchObject({ commit_hash: huge, files_total: 100_000, changes_truncated: true });
  expect(first?.changes.length).toBeLessThanOrEqual(1000);
  expect(second).toMatchObject({ commit_hash: next, files_total: 1, changes_truncated: false });
}, 120_000);

/** What forbids something to everybody does not forbid it to root: as nobody it does. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test("a push to a repository that may not be read waits, says so, and holds up no other repository", async () => {
  const [closed, shop] = [await create("closed.git"), await create("shop.git")];
  paths = { closed: closed.path, shop: shop.path };
  const [unseen, seen] = [await closed.commit(), await shop.commit()];
  await chmod(folder, 0o755);
  await chmod(closed.path, 0o000);
  const outcomes = await asNobody(async () => [
    ...(await stage.tell(pushed(unseen, { repository: "closed" }))),
    ...(await stage.tell(pushed(seen))),
  ]);
  expect(outcomes).toMatchObject([
    { kind: "retry", error: { code: "unavailable", message: expect.stringContaining("permission denied") } },
    { kind: "handled" },
  ]);
  await chmod(closed.path, 0o755);
});
