import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { clockTick, proposalCreated, type DataOf } from "@contextpilot/events";
import { timeOf, type Told } from "@contextpilot/testing";
import { generatedHistory, seededRandom } from "./generated-history.ts";
import { missingObjects } from "./missing-objects.ts";
import { ZEROS, commitsIn, hashesIn, pushed as pushedToShop } from "./pushes.fixture.ts";
import { useRepository } from "./readable-repository.ts";
import { remoteRepositories } from "./remote-repositories.ts";
import { RemoteScene, incompressible } from "./remote.fixture.ts";

const SIDE = "refs/heads/side";

let scene: RemoteScene;
beforeEach(async () => {
  scene = await RemoteScene.open();
});
afterEach(() => scene.close());

const pushed = (after: string, over: Partial<DataOf<"git.push.v1">> = {}): Told =>
  pushedToShop(after, { repository: "acme/shop", ...over });

/** Tells both agents the same, and gives what each said. */
async function bothTold(...pushes: readonly Told[]) {
  const fetching = scene.fetching();
  const reading = scene.reading();
  for (const push of pushes) {
    await fetching.tell(push);
    await reading.tell(push);
  }
  return { fetched: commitsIn(fetching.publisher.events), read: commitsIn(reading.publisher.events) };
}

const file = (path: string, content: string) => ({ changes: [{ path, content }] });

test("a push is fetched, and said as by an agent beside the repository", async () => {
  const [a = "", b = ""] = await scene.repository.commitAll([
    file("main.c", "int main(void)\n{\n}\n"),
    file("main.c", "int main(void)\n{\n  return 0;\n}\n"),
  ]);
  const { fetched, read } = await bothTold(pushed(b, { before: a }));
  expect(fetched).toEqual(read);
  expect(fetched).toMatchObject([{ commit_hash: b, lines_added: 1, changes: [{ functions: ["int main(void)"] }] }]);
});

test("merges, forced pushes, copies, old branches and the changelog are told apart as beside the repository", async () => {
  const [a = "", b = "", c = "", d = ""] = await scene.repository.commitAll([
    file("a", "1\n2\n3\n4\n"),
    file("CHANGELOG.md", "# Changelog\n"),
    { branch: "side", parents: [0], ...file("b", "side\n") },
    { branch: "main", parents: [1, 2] },
  ]);
  // The same change on another base: a copy of c.
  const rebased = await scene.repository.commit({
    branch: "side",
    parents: [b],
    at: new Date(Date.UTC(2026, 0, 1, 0, 3)),
    ...file("b", "side\n"),
  });
  const moved = await scene.repository.commit({
    branch: "main",
    parents: [d],
    changes: [{ path: "moved", renamedFrom: "a" }],
  });
  const { fetched, read } = await bothTold(
    pushed(a),
    pushed(c, { ref: SIDE }),
    pushed(b, { before: a }),
    pushed(d, { before: b }),
    pushed(rebased, { ref: SIDE, before: c, forced: true }),
    pushed(moved, { before: d }),
  );
  expect(fetched).toEqual(read);
  expect(fetched.map(({ new_to_repository }) => new_to_repository)).toEqual([
    true,
    true,
    true,
    false,
    true,
    false,
    false,
    true,
  ]);
  expect(fetched.at(-1)).toMatchObject({ documents: [{ text: "# Changelog\n" }], changes: [{ status: "renamed" }] });
});

test("a commit of what was proposed is known as the proposal's, of a repository that was never fetched before too", async () => {
  const [a = "", b = ""] = await scene.repository.commitAll([file("page", "one\n"), file("page", "one\ntwo\n")]);
  const patch = await scene.repository.git("diff-tree", "-p", a, b);
  const proposal = {
    proposal_id: "p1",
    type: "changelog",
    title: "Say two",
    files_affected: 1,
    impact: "low" as const,
  };
  const data = {
    ...proposal,
    user_id: "ada",
    reason: "",
    repository: "acme/shop",
    files: ["page"],
    patch,
    revision: 1,
  };
  const { fetched } = await bothTold(
    { at: "09:00", draft: proposalCreated(data, { key: ["p1"] }) },
    pushed(b, { before: a }),
  );
  expect(fetched).toMatchObject([{ commit_hash: b, proposal_id: "p1" }]);
});

test("any history is said as by an agent beside the repository", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 32);
  const random = seededRandom(seed);
  const hashes = await scene.repository.commitAll(generatedHistory(60, random));
  const tip = hashes.at(-1) ?? "";
  const middle = hashes[Math.floor(random() * 60)] ?? "";
  const { fetched, read } = await bothTold(pushed(middle, { ref: SIDE }), pushed(tip, { before: middle }));
  expect([seed, fetched]).toEqual([seed, read]);
  expect(fetched.length).toBeGreaterThan(0);
});

test("however many commits, two requests bring what changed; and what one push has brought the next does not ask for", async () => {
  const hashes = await scene.repository.commitAll(
    Array.from({ length: 20 }, (_, i) => file(`file-${i}`, "line\n".repeat(i))),
  );
  const [before = "", after = ""] = hashes.slice(-2);
  const agent = scene.fetching();
  await agent.tell(pushed(before));
  expect(scene.server.fetches).toBe(5); // HEAD; branches; their commits; trees; files
  await agent.tell(pushed(after, { before }));
  expect(scene.server.fetches).toBe(7); // trees; files
  expect(hashesIn(agent.publisher.events)).toEqual(hashes);
  expect(scene.server.requests.every(({ protocol }) => protocol === "version=2")).toBe(true);
});

test("files that no commit of the push touches are not fetched", async () => {
  const noise = incompressible(400_000);
  const [a = "", b = ""] = await scene.repository.commitAll([
    {
      changes: [
        { path: "large", content: noise },
        { path: "small", content: "1\n" },
      ],
    },
    file("small", "2\n"),
  ]);
  await scene.fetching().tell(pushed(b, { before: a }));
  expect(await bytesIn(scene.work)).toBeLessThan(100_000);
});

test("a commit that a later push took off its branch is fetched by its name", async () => {
  const [a = "", b = ""] = await scene.repository.commitAll([file("a", "1\n"), file("a", "2\n")]);
  await scene.repository.git("update-ref", "refs/heads/main", a);
  const { fetched, read } = await bothTold(pushed(b, { before: a }));
  expect(fetched).toEqual(read);
  expect(fetched).toMatchObject([{ commit_hash: b, changes: [{ path: "a", lines_added: 1 }] }]);
});

test("another branch's tip that another instance has heard of is fetched too, where the push's own commits are here", async () => {
  const [a = ""] = await scene.repository.commitAll([file("a", "1\n")]);
  const shop = remoteRepositories(scene.options()).repository("acme/shop");
  const has = (hash: string, knownTips: readonly string[]) =>
    useRepository(shop ?? { path: "" }, { after: a, before: ZEROS, knownTips }, new AbortController().signal, (clone) =>
      missingObjects(clone, [hash]).then(({ length }) => length === 0),
    );
  expect(await has(a, [])).toBe(true);
  const c = await scene.repository.commit({ branch: "side", parents: [a] });
  expect(await has(c, [])).toBe(false);
  expect(await has(c, [c])).toBe(true);

  const asked = scene.server.requests.length;
  const gone = "1".repeat(40);
  expect(await has(gone, [gone])).toBe(false);
  const once = scene.server.requests.length;
  expect(once).toBeGreaterThan(asked);
  expect(await has(gone, [gone])).toBe(false);
  expect(scene.server.requests).toHaveLength(once); // what the remote does not have is asked for once
});

test("two jobs for one repository at once share a clone, and neither misses anything", async () => {
  const [a = "", b = "", c = ""] = await scene.repository.commitAll([
    file("a", "1\n"),
    file("b", "2\n"),
    { branch: "side", parents: [0], ...file("c", "3\n") },
  ]);
  const agent = scene.fetching();
  await Promise.all([agent.tell(pushed(b, { before: a })), agent.tell(pushed(c, { ref: SIDE, before: a }))]);
  expect(hashesIn(agent.publisher.events).toSorted()).toEqual([b, c].sort());
  expect(await readdir(join(scene.work, (await readdir(scene.work))[0] ?? ""))).toHaveLength(1);
});

test("pushes that nobody told of are caught up with by the remote's tips, of the repositories that are named in full", async () => {
  const [a = ""] = await scene.repository.commitAll([file("a", "1\n")]);
  const agent = scene.fetching({ allowed: ["acme/shop", "acme/*"] });
  await agent.tell(pushed(a));
  const [b = ""] = await scene.repository.commitAll([file("a", "2\n")]);
  for (const at of ["10:01", "10:02", "10:03"]) {
    await agent.tell({ at, draft: clockTick({ minute: timeOf(at) }, { key: [at] }) });
  }
  expect(hashesIn(agent.publisher.events)).toEqual([a, b]);
});

test("a server that knows no filters gives everything, and the push is said all the same", async () => {
  await scene.server.close();
  const plain = await RemoteScene.open({ "uploadpack.allowFilter": "false" });
  try {
    const [a = "", b = ""] = await plain.repository.commitAll([file("a", "1\n"), file("a", "2\n")]);
    const agent = plain.fetching();
    await agent.tell(pushed(b, { before: a }));
    expect(hashesIn(agent.publisher.events)).toEqual([b]);
  } finally {
    await plain.close();
  }
});

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => stat(join(parentPath, name)));
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0);
}
