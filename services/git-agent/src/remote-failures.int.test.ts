import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { clockTick } from "@contextpilot/events";
import type { Outcome } from "@contextpilot/messaging";
import { GitServer, timeOf, until, type GitAnswer } from "@contextpilot/testing";
import { Clones } from "./clones.ts";
import { fetchInto } from "./fetch-into.ts";
import { orAborted } from "./or-aborted.ts";
import { hashesIn, pushed as pushedToShop } from "./pushes.fixture.ts";
import { CREDENTIALS, RemoteScene, incompressible } from "./remote.fixture.ts";

const ENCODED = Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.token}`).toString("base64");
const NEVER = new AbortController().signal;

let scene: RemoteScene;
let after: string;
beforeEach(async () => {
  scene = await RemoteScene.open();
  after = await scene.repository.commit({ changes: [{ path: "a", content: "1\n" }] });
});
afterEach(() => scene.close());

const pushed = (repository = "acme/shop") => pushedToShop(after, { repository });
const codeOf = ([outcome]: readonly Outcome[]) => (outcome?.kind === "retry" ? outcome.error.code : outcome?.kind);
const messageOf = ([outcome]: readonly Outcome[]) => (outcome?.kind === "retry" ? outcome.error.message : "");
const remote = () => ({ url: `${scene.server.url}/acme/shop.git`, credentials: CREDENTIALS });

describe("what waits until it can be read", () => {
  const page = { status: 200, body: "<html>\n<p>Sign in</p>\n", headers: { "content-type": "text/html" } };
  test.each<[string, GitAnswer, RegExp]>([
    ["is not found", { status: 404 }, /does not know it, or not this token: .* GIT_TOKEN may read it/],
    ["is denied", { status: 403 }, /does not know it, or not this token/],
    [
      "has moved",
      { status: 301, headers: { location: "https://elsewhere.example/" } },
      /points elsewhere.* set GIT_URL/,
    ],
    ["is on a server that is down", { status: 503 }, /error: 503/],
    ["is asked for too often", { status: 429 }, /error: 429/],
    ["breaks off", "broken", /git fetch .*http/],
    ["is behind a door that shows a page", page, /http/],
  ])("a repository that %s", async (_what, answer, message) => {
    scene.server.answer = () => answer;
    const agent = scene.fetching();
    const outcomes = await agent.tell(pushed());
    expect([codeOf(outcomes), messageOf(outcomes)]).toEqual(["unavailable", expect.stringMatching(message)]);
    scene.server.answer = () => "served";
    await agent.tell(pushed());
    expect(hashesIn(agent.publisher.events)).toEqual([after]);
  });
});

test("a pack that breaks off in its middle waits, and nothing is left half read", async () => {
  const agent = scene.fetching();
  scene.server.answer = ({ path }) =>
    path.endsWith("git-upload-pack") && scene.server.fetches > 2 ? "broken" : "served";
  const content = incompressible(50_000);
  after = await scene.repository.commit({ changes: [{ path: "large", content }] });
  expect(codeOf(await agent.tell(pushed()))).toBe("unavailable");
  scene.server.answer = () => "served";
  await agent.tell(pushed());
  expect(hashesIn(agent.publisher.events)).toHaveLength(2);
});

test("a commit that never comes is counted, as beside the repository", async () => {
  after = "1".repeat(40);
  const outcomes = await scene.fetching().tell(pushed());
  expect([codeOf(outcomes), messageOf(outcomes)]).toEqual(["handler-failed", expect.stringMatching(/1{40} is not in/)]);
});

test("what is not allowed is not asked for", async () => {
  const agent = scene.fetching({ allowed: ["acme/other", "other/*"] });
  const outcomes = await agent.tell(pushed());
  expect(outcomes).toMatchObject([{ kind: "handled", note: "repository acme/shop is not configured here" }]);
  for (const name of ["acme/../acme/shop", "acme/shop.git", "acme/shop?x"]) await agent.tell(pushed(name));
  expect(scene.server.requests).toEqual([]);
});

test("a remote that says no branch has not lost them all", async () => {
  const agent = scene.fetching({ allowed: ["acme/shop"] });
  await agent.tell(pushed());
  scene.server.answer = () => ({ status: 200, body: "" });
  for (const at of ["10:01", "10:02"]) {
    const outcomes = await agent.tell({ at, draft: clockTick({ minute: timeOf(at) }, { key: [at] }) });
    expect(outcomes).toMatchObject([{ kind: "handled", note: expect.stringMatching(/acme\/shop.git says no branch/) }]);
  }
  expect(agent.publisher.events.map(({ event_type }) => event_type)).toEqual(["git.commit.v1"]);
});

describe("credentials", () => {
  test("are sent to the server that they are for, and never follow it elsewhere", async () => {
    const elsewhere = await GitServer.start(join(scene.folder, "served"));
    try {
      await scene.fetching().tell(pushed());
      expect(scene.server.requests.at(-1)?.authorization).toBe(`Basic ${ENCODED}`);
      scene.server.answer = ({ path }) => ({
        status: 302,
        headers: { location: `${elsewhere.url}${path}?service=git-upload-pack` },
      });
      const outcomes = await scene.fetching({ folder: scene.folder }).tell(pushed());
      expect([codeOf(outcomes), elsewhere.requests]).toEqual(["unavailable", []]);
    } finally {
      await elsewhere.close();
    }
  });

  test("are not in what fails, even where the server repeats them", async () => {
    const body = `who is ${ENCODED}, with ${CREDENTIALS.token}?`;
    scene.server.answer = () => ({ status: 403, body, headers: { "content-type": "text/plain" } });
    const message = messageOf(await scene.fetching().tell(pushed()));
    expect(message).toContain("who is ***, with ***?");
    expect(message).not.toMatch(new RegExp(`${ENCODED}|${CREDENTIALS.token}`));
  });

  test("are in no argument of a process, and in no file", async () => {
    const agent = scene.fetching();
    await agent.tell(pushed());
    await expect(filesWith(scene.work, [ENCODED, CREDENTIALS.token, "http"])).resolves.toEqual([]);

    after = await scene.repository.commit({ changes: [{ path: "a", content: "2\n" }] });
    scene.server.answer = () => "silent";
    const abort = new AbortController();
    const clones = new Clones(scene.work);
    const order = { filter: "tree:0", refspecs: [after] } as const;
    const fetching = clones.lend(remote().url, (clone) => fetchInto(clone, remote(), order, { signal: abort.signal }));
    await until(async () => (await processes(scene.server.url)).length > 0, "git, waiting");
    const running = (await processes("git")).join("\n");
    expect(running).toContain("fetch --quiet");
    expect(running).not.toMatch(new RegExp(`${ENCODED}|${CREDENTIALS.token}`));
    abort.abort(new Error("enough"));
    await expect(fetching).rejects.toThrow("enough");
  });

  test("that are asked for are not waited for: nobody is at a keyboard", async () => {
    const outcomes = await scene.fetching({ credentials: { username: "reader", token: "wrong" } }).tell(pushed());
    expect([codeOf(outcomes), messageOf(outcomes)]).toEqual([
      "unavailable",
      expect.stringMatching(/terminal prompts disabled/),
    ]);
  });
});

describe("a fetch that is stopped", () => {
  const order = { filter: "blob:none", refspecs: ["+refs/heads/*:refs/heads/*"] } as const;

  test("ends with all its processes when its job does, and its clone is made anew", async () => {
    scene.server.answer = () => "silent";
    const clones = new Clones(scene.work);
    const abort = new AbortController();
    let path = "";
    const fetching = clones.lend(remote().url, (clone) => {
      path = clone.path;
      return fetchInto(clone, remote(), order, { signal: abort.signal });
    });
    await until(async () => (await processes(scene.server.url)).length > 0, "git, waiting");
    abort.abort(new Error("shutting down"));
    // Left alone, what git has started would give up after 15 s.
    await expect(orAborted(fetching, AbortSignal.timeout(8000))).rejects.toThrow("shutting down");
    await until(async () => (await processes(scene.server.url)).length === 0, "the end of git's processes");
    await expect(readdir(path)).rejects.toMatchObject({ code: "ENOENT" });
    await clones.lend(remote().url, async (clone) => expect(clone.path).not.toBe(path));
  });

  test("because it brings too much says how much it may, and what to do", async () => {
    const content = incompressible(3_000_000);
    await scene.repository.commit({ changes: [{ path: "large", content }] });
    const blob = (await scene.repository.git("rev-parse", "main:large")).trim();
    const limits = { signal: NEVER, limitBytes: 1_000_000 };
    const fetching = new Clones(scene.work).lend(remote().url, (clone) =>
      fetchInto(clone, remote(), { filter: "blob:none", refspecs: [blob] }, limits),
    );
    await expect(fetching).rejects.toMatchObject({
      code: "too-large",
      message: expect.stringMatching(/larger volume/),
    });
  });
});

/** Command lines that hold a text. */
async function processes(text: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "args"]);
  return stdout.split("\n").filter((line) => line.includes(text));
}

async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(paths.map(async (path) => [path, await readFile(path, "latin1")] as const));
  return contents.filter(([, content]) => texts.some((text) => content.includes(text))).map(([path]) => path);
}
