import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitCommit } from "@contextpilot/events";
import { GitRepository, Stage } from "@contextpilot/testing";
import * as fc from "fast-check";
import { findCopies } from "./find-copies.ts";
import { GitError } from "./git-error.ts";
import { handlers } from "./handlers.ts";
import { patchIdOf, patchIdsOf } from "./patch-ids.ts";
import { commitsIn, pushed } from "./pushes.fixture.ts";
import { readBranches } from "./read-branches.ts";
import { branchesOf } from "./readable-repository.ts";
import { remoteRepositories } from "./remote-repositories.ts";
import { RemoteScene } from "./remote.fixture.ts";

/** Each starts git some times. A failure names its seed and path: give them to fc.assert to see it again. */
const RUNS = { numRuns: 15 };
const PATCH_RUNS = { numRuns: 60 };

let folder: string;
let repositories = 0;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "odd-bytes-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const create = (): Promise<GitRepository> => GitRepository.create(join(folder, `${(repositories += 1)}.git`));

/** Bytes with those among them that mean something to git, to JSON or to a terminal; `without` are those that git itself refuses. */
const bytes = (without: RegExp, minLength = 1) =>
  fc
    .array(
      fc.oneof(
        fc.nat(255).map((byte) => Buffer.of(byte)),
        fc
          .constantFrom(
            "\n",
            "\t",
            '"',
            "\\",
            " ",
            "é",
            "\u202e",
            "\ufeff",
            "\ud83d\ude80",
            "__proto__",
            "commit ",
            "@@",
            "\x1b[2J",
          )
          .map((text) => Buffer.from(text)),
      ),
      { minLength, maxLength: 12 },
    )
    .map((pieces) => Buffer.from(Buffer.concat(pieces).toString("latin1").replace(without, "") || "x", "latin1"));

/** Without the underscores some would be names that git keeps for itself. */
const path = fc
  .array(bytes(/[\0/]/g), { minLength: 1, maxLength: 3 })
  .map((parts) => Buffer.concat(parts.flatMap((part) => [Buffer.from("/_"), part])).subarray(1));
const person = fc.record({
  name: bytes(/[\0\n<>]/g),
  email: bytes(/[\0\n<>]/g),
});
const commit = fc.record({
  message: bytes(/\0/g),
  author: person,
  changes: fc.array(
    fc.record({ path, content: fc.uint8Array({ maxLength: 60 }).map((content) => Buffer.from(content)) }),
    { maxLength: 3 },
  ),
});

test("commits of any names, authors, messages and contents are told, and what is told can be read back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(commit, { minLength: 1, maxLength: 6 }), async (plans) => {
      const repository = await create();
      const hashes = await repository.commitAll(plans);
      const stage = new Stage(
        "git-agent",
        handlers({ repository: () => ({ path: repository.path }), repositories: () => ["shop"], authorKey: "key" }),
      );
      const outcomes = await stage.tell(pushed(hashes.at(-1) ?? ""));
      expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => "handled"));
      const told = commitsIn(stage.publisher.events);
      expect(told.map(({ commit_hash }) => commit_hash)).toEqual(hashes);
      for (const data of told) {
        expect(gitCommit.read(JSON.parse(JSON.stringify(data)))).toEqual({ ok: true, value: data });
        expect(data.files_total).toBe(data.files_changed.length);
      }
    }),
    RUNS,
  );
});

test("copies and patch ids of commits by anyone, with any bytes, are found as those of other commits", async () => {
  await fc.assert(
    fc.asyncProperty(commit, person, async (plan, author) => {
      const repository = await create();
      const [base = "", before = "", other = ""] = await repository.commitAll([
        { changes: [{ path: "_base", content: "base\n" }] },
        { ...plan, changes: [...plan.changes, { path: "_own", content: "own\n" }] },
        { changes: [{ path: "_other", content: "other\n" }], author, parents: [0], branch: "other" },
      ]);
      const [copy = ""] = await repository.commitAll([
        {
          ...plan,
          changes: [...plan.changes, { path: "_own", content: "own\n" }],
          at: new Date(Date.UTC(2026, 0, 1, 0, 2)),
          parents: [other],
        },
      ]);
      const where = { path: repository.path };
      expect([...(await findCopies(where, { before, after: copy }, [other, copy]))]).toEqual([copy]);
      const ids = await patchIdsOf(where, [base, before, other, copy]);
      expect([...ids.keys()].toSorted()).toEqual([base, before, other, copy].toSorted());
      expect(ids.get(before)).toBe(ids.get(copy));
    }),
    RUNS,
  );
});

test("branches of any name are read, each under a name of its own", async () => {
  // git refuses what is left out here, and the underscores keep dots from the ends.
  const name = fc
    .oneof(
      bytes(/[\0-\x20\x7f~^:?*[\\/]|\.\.|@\{|\.lock/g),
      fc.constantFrom("\xe8", "\xe9", "caf\xc3").map((text) => Buffer.from(text, "latin1")),
    )
    .map((part) => Buffer.concat([Buffer.from("_"), part, Buffer.from("_")]));
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6, selector: (each) => each.toString("latin1") });
  await fc.assert(
    fc.asyncProperty(names, async (branches) => {
      const repository = await create();
      const tip = await repository.commit();
      const lines = branches.map((each) => Buffer.concat([Buffer.from(`${tip} refs/heads/`), each, Buffer.from("\n")]));
      await appendFile(join(repository.path, "packed-refs"), Buffer.concat(lines));
      const found = await readBranches({ path: repository.path });
      expect(found.size).toBe(branches.length + 1);
      for (const branch of found.keys()) expect(JSON.parse(JSON.stringify(branch))).toBe(branch);
    }),
    RUNS,
  );
});

test("branches of a remote are called as those of a folder are, whatever bytes their names have", async () => {
  const scene = await RemoteScene.open();
  try {
    const tip = await scene.repository.commit();
    const lines = ["caf\xe8", "caf\xe9", "caf\xc3\xa9"].map((name) => `${tip} refs/heads/${name}\n`);
    await appendFile(join(scene.repository.path, "packed-refs"), Buffer.from(lines.join(""), "latin1"));
    const here = await readBranches({ path: scene.repository.path });
    expect(here.size).toBe(4);
    const remote = remoteRepositories(scene.options()).repository("acme/shop");
    expect(remote && (await branchesOf(remote, { signal: AbortSignal.timeout(60_000), timeLimitMs: 60_000 }))).toEqual(
      here,
    );
  } finally {
    await scene.close();
  }
});

const PATCH = `diff --git a/CHANGELOG.md b/CHANGELOG.md
--- a/CHANGELOG.md
+++ b/CHANGELOG.md
@@ -1,3 +1,4 @@
 # Changelog
 
+- A cart that keeps what is in it
 - The first shop
`;

test("a patch with changed bytes has the id that git gives it, or none, soon", async () => {
  const repository = await create();
  const seen = new Set<boolean>();
  const insert = fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.constantFrom(
      "\0",
      "\n",
      "@@ -0,0 +1,99999999999 @@\n",
      "diff --git ",
      "GIT binary patch\nliteral 9\n",
      "--- /dev/null\n",
      PATCH,
      "commit " + "a".repeat(40) + "\n",
      "\ud800",
    ),
  );
  const change = fc.record({ at: fc.nat(), remove: fc.nat(40), insert });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 3 }), async (changes) => {
      const patch = changes.reduce((whole, { at, remove, insert }) => {
        const place = at % (whole.length + 1);
        return whole.slice(0, place) + insert + whole.slice(place + remove);
      }, PATCH);
      const signal = AbortSignal.timeout(5_000);
      const id = await patchIdOf({ path: repository.path, signal }, patch).catch((error: unknown) => {
        if (error instanceof GitError && error.code === "failed") return undefined;
        throw error;
      });
      expect(id ?? "0".repeat(40)).toMatch(/^[0-9a-f]{40}$/);
      seen.add(id !== undefined);
    }),
    PATCH_RUNS,
  );
  expect(seen.size).toBe(2);
});
