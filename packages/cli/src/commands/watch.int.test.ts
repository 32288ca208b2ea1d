import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { join } from "node:path";
import type { DataOf } from "@contextpilot/events";
import { messageOf, tickOf } from "@contextpilot/messaging";
import { GitRepository, until } from "@contextpilot/testing";
import { openDataFolder } from "../house/data-folder.ts";
import { announceHouse } from "../house/house-address.ts";
import { loadSecrets } from "../house/secrets.ts";
import { startHouse, type House } from "../house/start-house.ts";
import { runCommand, type Ran } from "./commands.fixture.ts";

let folder: string;
let data: string;
let house: House | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-watch-"));
  data = join(folder, "data");
});
afterEach(async () => {
  await house?.close();
  house = undefined;
  await rm(folder, { recursive: true, force: true });
});

const contextpilot = (...args: readonly string[]): Promise<Ran> => runCommand([...args, "--data", data]);

async function openHouse(): Promise<void> {
  const opened = openDataFolder(data);
  const ports = { webhookPort: 0, apiPort: 0, retryScale: 0.01 };
  house = await startHouse({ data: opened, secrets: loadSecrets(data), repositories: {}, ...ports });
}

/** A bare repository with five commits, and a clone of it to push from. */
async function bareAndClone(name = "till"): Promise<{ bare: GitRepository; clone: GitRepository }> {
  const bare = await GitRepository.create(join(folder, `${name}.git`));
  await bare.commitAll([{}, {}, {}, {}, {}]);
  const clone = await GitRepository.create(join(folder, name), { bare: false });
  await clone.git("remote", "add", "origin", bare.path);
  await clone.git("fetch", "--quiet");
  await clone.git("reset", "--quiet", "--hard", "origin/main");
  return { bare, clone };
}

/** Commits and pushes; gives the commit. */
async function push(clone: GitRepository, branch = "main"): Promise<string> {
  const commit = await clone.commit({ branch, ...(branch === "main" ? {} : { parents: ["main"] }) });
  await clone.git("push", "--quiet", "origin", branch);
  return commit;
}

async function heard<T extends "git.push.v1" | "git.commit.v1">(type: T, count: number): Promise<readonly DataOf<T>[]> {
  const read = async (): Promise<readonly DataOf<T>[]> => {
    const page = await house?.feed.readModel.events({ tenant_id: "default", limit: 500, type });
    return (page?.items ?? []).map(({ event }) => event.data as DataOf<T>).toReversed();
  };
  await until(async () => (await read()).length >= count, `${count} times ${type}`);
  return read();
}

/** Keeps what a service handles of a type from now on. */
function handled(service: string, type: string): readonly unknown[] {
  const events: unknown[] = [];
  house?.onHandling(({ service: who, outcome }) => {
    if (who === service && outcome.kind === "handled" && outcome.event.event_type === type) events.push(outcome.event);
  });
  return events;
}

test("a bare repository that a running house is told to watch is heard, from the next push's own commits on", async () => {
  await openHouse();
  const { bare, clone } = await bareAndClone();

  expect((await contextpilot("watch", bare.path)).out).toBe(
    `Watching till, by ${join(bare.path, "hooks", "post-receive")}\n`,
  );
  const first = await push(clone);
  const onBranch = await push(clone, "side");

  expect(await heard("git.push.v1", 2)).toMatchObject([
    { repository: "till", ref: "refs/heads/main", after: first },
    { repository: "till", ref: "refs/heads/side", before: "0".repeat(40), after: onBranch },
  ]);
  expect((await heard("git.commit.v1", 2)).map(({ commit_hash }) => commit_hash)).toEqual([first, onBranch]);
});

test("a first push of a new branch brings only what no branch had when the watching began", async () => {
  await openHouse();
  const { bare, clone } = await bareAndClone();
  await contextpilot("watch", bare.path);

  const commit = await push(clone, "side");

  expect((await heard("git.commit.v1", 1)).map(({ commit_hash }) => commit_hash)).toEqual([commit]);
});

test("a clone that is watched tells of what it pushes: where the branch stood, and only its own commits", async () => {
  await openHouse();
  const { clone, bare } = await bareAndClone();
  const before = await bare.tip();

  await contextpilot("watch", clone.path);
  const commit = await push(clone);
  const [pushed] = await heard("git.push.v1", 1);

  expect(pushed).toMatchObject({ repository: "till", ref: "refs/heads/main", before, after: commit });
  expect((await heard("git.commit.v1", 1)).map(({ commit_hash }) => commit_hash)).toEqual([commit]);

  const second = await push(clone);
  expect((await heard("git.push.v1", 2))[1]).toMatchObject({ before: commit, after: second });
  expect(await heard("git.commit.v1", 2)).toHaveLength(2);
});

test("a push that the server refuses is not told", async () => {
  await openHouse();
  const { clone, bare } = await bareAndClone();
  await contextpilot("watch", clone.path);
  await hookIn(bare, "pre-receive", "exit 1");

  await expect(push(clone)).rejects.toThrow("pre-receive hook declined");
  await rm(join(bare.path, "hooks", "pre-receive"));
  await push(clone);

  expect(await heard("git.push.v1", 1)).toHaveLength(1);
});

test("a hook that is there is kept and called with the same input and arguments, and its exit code stays", async () => {
  const { bare, clone } = await bareAndClone();
  const told = join(folder, "told");
  await hookIn(bare, "post-receive", `cat > '${told}'`);

  await contextpilot("watch", bare.path);
  const before = await bare.tip();
  const commit = await push(clone);
  expect(await readFile(told, "utf8")).toBe(`${before} ${commit} refs/heads/main\n`);

  await hookIn(clone, "reference-transaction", `[ "$1" != prepared ] || ! grep -q refs/remotes || exit 3`);
  await contextpilot("watch", clone.path, "--name", "clone");
  await clone.commit();
  await expect(clone.git("push", "--quiet", "origin", "main")).rejects.toThrow("ref updates aborted by hook");
});

test("unwatch puts back what was there, byte for byte", async () => {
  const { bare, clone } = await bareAndClone();
  const hook = await hookIn(bare, "post-receive", "echo '\u00e9' # no line's end");
  const before = [await readFile(hook), (await stat(hook)).mode];

  await contextpilot("watch", bare.path);
  expect((await readFile(hook)).equals(before[0] as Buffer)).toBe(false);
  expect((await contextpilot("unwatch", bare.path)).out).toBe("No longer watching till\n");
  expect([await readFile(hook), (await stat(hook)).mode]).toEqual(before);
  await expect(stat(`${hook}.before-contextpilot`)).rejects.toThrow("ENOENT");

  await contextpilot("watch", clone.path);
  await contextpilot("unwatch", "till");
  await expect(stat(join(clone.path, ".git", "hooks", "reference-transaction"))).rejects.toThrow("ENOENT");
  expect((await contextpilot("watched")).out).toBe("No repository is watched: ./contextpilot watch <path>\n");
});

test("a hook that was changed since is left alone, and that is said", async () => {
  const { bare } = await bareAndClone();
  await contextpilot("watch", bare.path);
  const hook = join(bare.path, "hooks", "post-receive");
  const changed = `${await readFile(hook, "utf8")}echo mine\n`;
  await writeFile(hook, changed);

  await expect(contextpilot("unwatch", bare.path)).rejects.toThrow("was changed since it was installed");
  await expect(contextpilot("watch", bare.path)).rejects.toThrow("was changed since it was installed");
  expect(await readFile(hook, "utf8")).toBe(changed);
  expect((await contextpilot("watched")).out).toContain("its hook is changed");

  await rm(hook);
  expect((await contextpilot("watched")).out).toContain("its hook is missing: watch it again");
  await contextpilot("unwatch", bare.path);
});

test("watching twice is watching once, and a repository that is gone can be unwatched", async () => {
  const { bare } = await bareAndClone();
  await hookIn(bare, "post-receive", "cat >/dev/null");
  await contextpilot("watch", bare.path);
  const hook = await readFile(join(bare.path, "hooks", "post-receive"), "utf8");

  expect((await contextpilot("watch", bare.path)).out).toMatch(/^Still watching till, /);
  expect(await readFile(join(bare.path, "hooks", "post-receive"), "utf8")).toBe(hook);
  expect((await contextpilot("watched", "--json")).out).toBe(
    `${JSON.stringify({ name: "till", path: bare.path, hook: join(bare.path, "hooks", "post-receive"), hook_state: "installed" })}\n`,
  );
  await rm(bare.path, { recursive: true });
  await contextpilot("unwatch", bare.path);
  expect((await contextpilot("watched", "--json")).out).toBe("");
});

test("a house that does not run holds up no push: it is said in a line", async () => {
  const { bare, clone } = await bareAndClone();
  await contextpilot("watch", bare.path);
  await clone.commit();

  const { stderr } = await promisify(execFile)("git", ["push", "origin", "main"], { cwd: clone.path });
  expect(stderr).toContain("ContextPilot did not hear of this push (it does not run); the push itself is fine.");
  expect(await bare.tip()).toBe(await clone.tip());
});

test("what was pushed while the house was down is said once when it is up again, of a bare repository and of a clone", async () => {
  await openHouse();
  const [till, shop] = [await bareAndClone("till"), await bareAndClone("cart")];
  await contextpilot("watch", till.bare.path);
  await contextpilot("watch", shop.clone.path);
  const first = await push(till.clone);
  await heard("git.commit.v1", 1);
  await house?.close();
  const missed = [await push(till.clone), await push(till.clone), await push(till.clone, "side")];
  missed.push(await push(shop.clone));

  await openHouse();
  const ticked = handled("git-agent", "clock.tick.v1");
  for (const minutes of [60, 61]) {
    const before = ticked.length;
    await house?.publisher.publish([messageOf(tickOf(new Date(Date.now() + minutes * 60_000)))]);
    await until(() => ticked.length > before, "the tick to be handled");
  }

  const commits = (await heard("git.commit.v1", 5)).map(({ commit_hash }) => commit_hash);
  expect(commits).toHaveLength(5);
  expect(new Set(commits)).toEqual(new Set([first, ...missed]));
  const last = await push(till.clone);
  expect((await heard("git.commit.v1", 6)).at(-1)?.commit_hash).toBe(last);
  expect(await heard("git.push.v1", 5)).toHaveLength(5);
});

test("a house that takes a push and never answers holds it up for 2 s at most", async () => {
  const { bare, clone } = await bareAndClone();
  await contextpilot("watch", bare.path);
  loadSecrets(data);
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  announceHouse(data, { webhookUrl: url, apiUrl: url });
  await clone.commit();

  const begun = performance.now();
  const { stderr } = await promisify(execFile)("git", ["push", "origin", "main"], { cwd: clone.path });
  expect(performance.now() - begun).toBeLessThan(20_000); // a busy machine; it would be for ever
  expect(stderr).toContain("it did not answer within 2 s");
  silent.close();
});

test("names with spaces and quotes, a linked work tree, a submodule and hooks of its own folder are watched as any other", async () => {
  await openHouse();
  const { bare, clone } = await bareAndClone('it\'s "my" $(till)');
  await contextpilot("watch", bare.path);
  await push(clone);
  expect(await heard("git.push.v1", 1)).toMatchObject([{ repository: 'it\'s "my" $(till)' }]);
  await contextpilot("unwatch", bare.path);

  const tree = join(folder, "tree");
  await clone.git("worktree", "add", "--quiet", "-b", "linked", tree);
  await contextpilot("watch", tree, "--name", "tree");
  await push(clone);
  expect((await heard("git.push.v1", 2))[1]).toMatchObject({ repository: "tree", ref: "refs/heads/main" });

  const outer = await GitRepository.create(join(folder, "outer"), { bare: false });
  await outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", bare.path, "inner");
  await outer.git("-C", "inner", "config", "core.hooksPath", "my-hooks");
  expect((await contextpilot("watch", join(outer.path, "inner"))).out).toBe(
    `Watching inner, by ${join(outer.path, "inner", "my-hooks", "reference-transaction")}\n`,
  );
  await outer.git("-C", "inner", ...identity, "commit", "--quiet", "--allow-empty", "-m", "In a submodule");
  await outer.git("-C", "inner", "push", "--quiet", "origin", "HEAD:refs/heads/from-inner");
  expect((await heard("git.push.v1", 3))[2]).toMatchObject({ repository: "inner", ref: "refs/heads/from-inner" });
  expect(await heard("git.commit.v1", 3)).toHaveLength(3);
});

test("a repository without commits is watched, and its first push is all new", async () => {
  await openHouse();
  const bare = await GitRepository.create(join(folder, "empty.git"));
  const clone = await GitRepository.create(join(folder, "empty"), { bare: false });
  await clone.git("remote", "add", "origin", bare.path);

  await contextpilot("watch", bare.path);
  await push(clone);
  expect(await heard("git.commit.v1", 1)).toHaveLength(1);
});

test.each([
  ["nothing", "is no folder", async () => undefined],
  ["a file", "is no folder", (path: string) => writeFile(path, "")],
  ["no repository", "is no git repository", (path: string) => mkdir(path).then(() => undefined)],
  ...(
    [
      ["HEAD", "nonsense", "is no git repository"],
      ["config", "[core\n", "bad config line"],
      ["packed-refs", "junk\n", "unexpected line"],
    ] as const
  ).map(
    ([file, content, words]) =>
      [
        `a repository with a damaged ${file}`,
        words,
        async (path: string) => writeFile(join((await GitRepository.create(path)).path, file), content),
      ] as const,
  ),
  [
    "a repository whose hooks others share",
    "which other repositories may share",
    async (path: string) => {
      const repository = await GitRepository.create(path);
      await repository.git("config", "core.hooksPath", "/usr/share/hooks");
    },
  ],
  [
    "a repository whose hooks cannot be written",
    "cannot be written",
    async (path: string) => {
      const repository = await GitRepository.create(path);
      await rm(join(path, "hooks"), { recursive: true, force: true });
      await writeFile(join(repository.path, "hooks"), "");
    },
  ],
] as const)("%s is refused in words, and nothing is watched", async (_what, words, make) => {
  const path = join(folder, "odd");
  await make(path);

  await expect(contextpilot("watch", path)).rejects.toThrow(words);
  expect((await contextpilot("watched", "--json")).out).toBe("");
});

test("a name that is taken, the demo's, or a new one for a watched repository is refused", async () => {
  const { bare, clone } = await bareAndClone();
  await contextpilot("watch", bare.path);

  await expect(contextpilot("watch", clone.path)).rejects.toThrow(`till is the name of ${bare.path}: give another`);
  await expect(contextpilot("watch", clone.path, "--name", "shop")).rejects.toThrow("shop is the name of the demo");
  await expect(contextpilot("watch", bare.path, "--name", "other")).rejects.toThrow("it is watched already, as till");
  await expect(contextpilot("unwatch", "nobody")).rejects.toThrow("nobody is not watched");
});

const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];

async function hookIn(repository: GitRepository, name: string, line: string): Promise<string> {
  const hooks = (await repository.git("rev-parse", "--path-format=absolute", "--git-path", "hooks")).trim();
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, name), `#!/bin/sh\n${line}`);
  await chmod(join(hooks, name), 0o755);
  return join(hooks, name);
}
