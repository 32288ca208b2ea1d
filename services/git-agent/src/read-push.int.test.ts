import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeEnvelope, type Envelope } from "@contextpilot/events";
import { MAX_SAID_BYTES, type Outcome } from "@contextpilot/messaging";
import { GitRepository, Stage, scenario, type CommitPlan } from "@contextpilot/testing";
import { authorId } from "./author-id.ts";
import { generatedHistory, seededRandom } from "./generated-history.ts";
import { handlers } from "./handlers.ts";
import { commitsIn, hashesIn, noteOf, pushed, ZEROS } from "./pushes.fixture.ts";

const SIDE = "refs/heads/side";
const MISSING = "1".repeat(40);

let folder: string;
let repository: GitRepository;
let path: string;
let tips: readonly string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-push-"));
  path = join(folder, "shop.git");
  tips = [];
  repository = await GitRepository.create(path);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const configured = () =>
  handlers({
    repository: (name) => (name === "shop" ? { path, tips } : undefined),
    repositories: () => ["shop"],
    authorKey: "key",
  });
const agent = () => scenario("git-agent", configured());
const stage = () => new Stage("git-agent", configured());

/** main: a - b - c */
async function three(): Promise<readonly [string, string, string]> {
  const [a = "", b = "", c = ""] = await repository.commitAll([{}, {}, {}]);
  return [a, b, c];
}

const kindsOf = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind);
const saidBytes = (outcome: Outcome): number =>
  outcome.kind === "handled"
    ? outcome.published.reduce((sum, event) => sum + encodeEnvelope(event).byteLength, 0)
    : Number.NaN;
const commitsOf = (outcome: Outcome): number =>
  outcome.kind === "handled" ? commitsIn(outcome.published).length : Number.NaN;

test("a pushed commit is said with all that is known of it", async () => {
  const before = await repository.commit({ changes: [{ path: "main.c", content: "int main(void)\n{\n}\n" }] });
  const after = await repository.commit({
    message: "fix: count again",
    author: { name: "Grace", email: "grace@example.org" },
    at: new Date("2026-03-01T05:06:07Z"),
    changes: [{ path: "main.c", content: "int main(void)\n{\n  return 0;\n}\n" }],
  });
  await agent()
    .given()
    .when(pushed(after, { before }))
    .expect((said) => {
      const author_id = authorId("key", "grace@example.org");
      expect(said).toMatchObject([
        { event_type: "git.commit.v1", source: "git-agent", user_id: author_id, hops: 1, tenant_id: "default" },
      ]);
      expect(said[0]?.correlation_id).toBe(said[0]?.parent_event_id);
      expect(said[0]?.data).toEqual({
        repository: "shop",
        branch: "main",
        commit_hash: after,
        parent_hashes: [before],
        author_id,
        committed_at: "2026-03-01T05:06:07.000Z",
        message: "fix: count again",
        files_changed: ["main.c"],
        changes: [
          {
            path: "main.c",
            status: "modified",
            lines_added: 1,
            lines_removed: 0,
            binary: false,
            lines_total: 4,
            indentation_complexity: 1,
            functions: ["int main(void)"],
          },
        ],
        changes_truncated: false,
        files_total: 1,
        lines_added: 1,
        lines_removed: 0,
        is_merge: false,
        forced: false,
        origin: "push",
        new_to_repository: true,
        default_branch: true,
        documents: [],
      });
    });
});

test("only the last commit of a push to the default branch brings the changelog along", async () => {
  const text = "# Changelog\n";
  const [, b = "", c = ""] = await repository.commitAll([
    {},
    { changes: [{ path: "CHANGELOG.md", content: text }] },
    { changes: [{ path: "main.c", content: "x\n" }] },
  ]);
  const side = await repository.commit({ branch: "side", parents: [b] });
  const [blob_hash = ""] = (await repository.git("rev-parse", `${b}:CHANGELOG.md`)).split("\n");
  await agent()
    .given()
    .when(pushed(c), pushed(side, { ref: SIDE }))
    .expect((said) =>
      expect(commitsIn(said).map(({ default_branch, documents }) => [default_branch, documents])).toEqual([
        [true, undefined],
        [true, undefined],
        [true, [{ path: "CHANGELOG.md", blob_hash, text, truncated: false }]],
        [false, undefined],
      ]),
    );
});

describe("what a push brings to its branch:", () => {
  test("a new branch brings nothing that a branch had when its repository began to be followed", async () => {
    const [, , c] = await three();
    tips = [c];
    const own = await repository.commit({ branch: "side", parents: ["main"] });
    await agent()
      .given()
      .when(pushed(own, { ref: SIDE }))
      .expect((said) => expect(hashesIn(said)).toEqual([own]));
  });

  test("a new branch brings its own commits and not those of the branch that it left", async () => {
    const [, b, c] = await three();
    const [d = "", e = ""] = await repository.commitAll([{ branch: "side", parents: [b] }, { branch: "side" }]);
    await agent()
      .given(pushed(c))
      .when(pushed(e, { ref: SIDE }))
      .expect((said) => {
        expect(hashesIn(said)).toEqual([d, e]);
        expect(commitsIn(said)).toMatchObject([{ branch: "side" }, { branch: "side" }]);
      });
  });

  test("a merge brings the other branch's commits, which are not new to the repository", async () => {
    const [a, b, c] = await three();
    const side = await repository.commit({ branch: "side", parents: [a] });
    const merge = await repository.commit({ parents: [c, side] });
    await agent()
      .given(pushed(b), pushed(side, { ref: SIDE }))
      .when(pushed(merge, { before: b }))
      .expect((said) => {
        const brought = commitsIn(said).map((commit) => [
          commit.commit_hash,
          commit.new_to_repository,
          commit.is_merge,
          commit.forced,
        ]);
        expect(brought).toHaveLength(3);
        expect(brought).toEqual(
          expect.arrayContaining([
            [c, true, false, false],
            [side, false, false, false],
            [merge, true, true, false],
          ]),
        );
      });
  });

  test("a force push brings only what the branch had not seen, marked", async () => {
    const [a, , c] = await three();
    const rewritten = await repository.commit({ parents: [a], message: "rewritten" });
    await agent()
      .given(pushed(c))
      .when(pushed(rewritten, { before: c }))
      .expect((said) =>
        expect(commitsIn(said)).toMatchObject([{ commit_hash: rewritten, forced: true, new_to_repository: true }]),
      );
  });

  test("a rebase of 2,000 commits brings copies, none of them new, and the one that they stand on now", async () => {
    const [base = ""] = await repository.commitAll([{}]);
    const old = (await repository.commitAll(twoThousandOn(base))).at(-1) ?? "";
    const moved = await repository.commit({ parents: [base], changes: [{ path: "other.ts", content: "x\n" }] });
    const rebased = await repository.commitAll(twoThousandOn(moved));
    const { tell, publisher } = await toldStage(pushed(old));
    const before = publisher.events.length;
    await tell(pushed(rebased.at(-1) ?? "", { before: old }));
    const brought = commitsIn(publisher.events.slice(before));
    expect(brought.map(({ commit_hash }) => commit_hash)).toEqual([moved, ...rebased]);
    expect(brought.filter((commit) => commit.new_to_repository).map(({ commit_hash }) => commit_hash)).toEqual([moved]);
  }, 180_000);

  test("of what was rewritten, an amended change is new, and a reworded, merged or binary one is none", async () => {
    const [base = ""] = await repository.commitAll([{}]);
    const branch = (start: string, second: string, words: string, last: number): CommitPlan[] => [
      { parents: [start], at: at(1), message: "kept", changes: text("kept\n") },
      { at: at(2), message: "amended", changes: text(second) },
      { at: at(3), message: words, changes: [{ path: "b.ts", content: "b\n" }] },
      { at: at(4), message: "binary kept", changes: binary(7) },
      { at: at(5), message: "binary amended", changes: binary(last) },
      { parents: [4, start], at: at(6), message: "merge", changes: [{ path: "c.ts", content: "c\n" }] },
    ];
    const old = (await repository.commitAll(branch(base, "kept\nbefore\n", "words", 8))).at(-1) ?? "";
    const moved = await repository.commit({ parents: [base], at: at(0) });
    const rewritten = await repository.commitAll(branch(moved, "kept\nafter\n", "better words", 9));
    const { tell, publisher } = await toldStage(pushed(old), pushed(moved, { ref: SIDE }));
    const before = publisher.events.length;
    await tell(pushed(rewritten.at(-1) ?? "", { before: old }));
    const brought = commitsIn(publisher.events.slice(before)).filter((commit) => commit.new_to_repository);
    expect(brought.map(({ message }) => message)).toEqual(["amended", "binary amended"]);
  });

  test("a deletion says nothing, and the branch's tip is forgotten", async () => {
    const [a, , c] = await three();
    const side = await repository.commit({ branch: "side", parents: [a] });
    const { tell, store, publisher } = await toldStage(pushed(c), pushed(side, { ref: SIDE }));
    const before = publisher.events.length;
    const outcomes = await tell(pushed(ZEROS, { ref: SIDE, before: side }));
    expect(publisher.events.length).toBe(before);
    expect(noteOf(outcomes)).toBe("refs/heads/side was deleted");
    const [tips] = await store.read(["default/git-agent/tips/shop"]);
    expect(tips?.value).toEqual({ branches: { "refs/heads/main": c } });
  });

  test("a tag says nothing, and why", async () => {
    const [, , c] = await three();
    await agent()
      .given(pushed(c))
      .when(pushed(c, { ref: "refs/tags/v1" }))
      .expect((said, outcomes) => {
        expect(said).toEqual([]);
        expect(noteOf(outcomes)).toBe("refs/tags/v1 is no branch");
      });
  });

  test.each(["unheard-of", "constructor", "__proto__"])(
    "a push to %s, which nobody configured, says nothing, and why",
    (name) =>
      agent()
        .given()
        .when(pushed(MISSING, { repository: name }))
        .expect((said, outcomes) => {
          expect(said).toEqual([]);
          expect(noteOf(outcomes)).toBe(`repository ${name} is not configured here`);
        }),
  );
});

const at = (second: number): Date => new Date(Date.UTC(2026, 1, 1) + second * 1000);
const text = (content: string) => [{ path: "a.ts", content }];
const binary = (byte: number) => [{ path: "a.bin", content: Buffer.from([0, 1, byte]) }];

/** Two in each second. */
const twoThousandOn = (parent: string): readonly CommitPlan[] =>
  Array.from({ length: 2000 }, (_, index) => ({
    ...(index === 0 ? { parents: [parent] } : {}),
    message: `step ${index}`,
    at: at(Math.floor(index / 2)),
    changes: [{ path: `src/${index % 50}.ts`, content: `step ${index}\n` }],
  }));

/** A stage on which this was already told. */
async function toldStage(...told: readonly Parameters<Stage<"git-agent">["tell"]>[0][]) {
  const own = stage();
  for (const one of told) await own.tell(one);
  return { tell: own.tell.bind(own), store: own.store, publisher: own.publisher };
}

describe("a long push", () => {
  test("of 120 commits comes in slices, each commit once, parents first", async () => {
    const hashes = await repository.commitAll(Array.from({ length: 120 }, () => ({})));
    await agent()
      .given()
      .when(pushed(hashes[119] ?? ""))
      .expect((said, outcomes) => {
        expect(hashesIn(said)).toEqual(hashes);
        expect(outcomes.map(commitsOf)).toEqual([50, 50, 20]);
        // Each slice stands in the push's own chain, and no deeper in it than the first.
        const commits = said.filter(({ event_type }) => event_type === "git.commit.v1");
        expect(new Set(commits.map(({ hops }) => hops))).toEqual(new Set([1]));
        expect(new Set(said.map(({ correlation_id }) => correlation_id)).size).toBe(1);
      });
  });

  test("goes on with the list it began with, whatever is pushed in between", async () => {
    const hashes = await repository.commitAll(Array.from({ length: 60 }, () => ({})));
    const side = await repository.commit({ branch: "side", parents: [hashes[55] ?? ""] });
    const own = stage();
    own.publisher.refuse(); // the first slice is committed, its continuation not yet on the bus…
    await own.tell(pushed(hashes[59] ?? ""));
    own.publisher.refuse(false);
    await own.tell(pushed(side, { ref: SIDE })); // …when another push comes
    await own.tell(pushed(hashes[59] ?? ""));
    expect(hashesIn(own.publisher.events)).toEqual([side, ...hashes]);
  });

  test("goes on also where its event has fields that this reader does not know", async () => {
    const hashes = await repository.commitAll(Array.from({ length: 60 }, () => ({})));
    const { draft, at } = pushed(hashes[59] ?? "");
    const newer = { at, draft: { ...draft, data: { ...(draft.data as object), pushed_by: "ada" } } };
    await agent()
      .given()
      .when(newer)
      .expect((said) => expect(hashesIn(said)).toEqual(hashes));
  });

  test("of huge commits says at most 512 KiB at once, and one commit at least", async () => {
    const hashes = await repository.commitAll(Array.from({ length: 5 }, (_, at) => hugeCommit(at)));
    await agent()
      .given()
      .when(pushed(hashes[4] ?? ""))
      .expect((said, outcomes) => {
        expect(hashesIn(said)).toEqual(hashes);
        expect(outcomes.length).toBeGreaterThan(2);
        expect(Math.min(...outcomes.map(commitsOf))).toBeGreaterThanOrEqual(1);
        expect(Math.max(...outcomes.map(saidBytes))).toBeLessThanOrEqual(MAX_SAID_BYTES);
      });
  });

  test("that ends with a huge commit and a huge changelog stays within 512 KiB at once", async () => {
    const changelog = { path: "CHANGELOG.md", content: `${'"'.repeat(99)}\n`.repeat(2000) };
    const huge = Array.from({ length: 3 }, (_, at) => hugeCommit(at));
    const hashes = await repository.commitAll([{ changes: [changelog] }, ...huge]);
    await agent()
      .given()
      .when(pushed(hashes[3] ?? ""))
      .expect((said, outcomes) => {
        expect(hashesIn(said)).toEqual(hashes);
        expect(commitsIn(said).at(-1)?.documents).toMatchObject([{ path: "CHANGELOG.md", truncated: true }]);
        expect(Math.max(...outcomes.map(saidBytes))).toBeLessThanOrEqual(MAX_SAID_BYTES);
      });
  }, 60_000);

  test("to the longest branch name, of many commits, beside 2,000 branches, stays within 512 KiB at once", async () => {
    const hashes = await repository.commitAll(
      Array.from({ length: 60 }, (_, at) => ({ message: `${at} ${"x".repeat(7_600)}` })),
    );
    const known_tips = Array.from({ length: 2000 }, (_, at) => at.toString(16).padStart(64, "0"));
    const push = pushed(hashes[59] ?? "", {
      ref: `refs/heads/${"ü".repeat(1000)}`,
      cursor: { offset: 0, known_tips },
    });
    await agent()
      .given()
      .when(push)
      .expect((said, outcomes) => {
        expect(kindsOf(outcomes)).not.toContain("retry");
        expect(hashesIn(said)).toEqual(hashes);
        expect(Math.max(...outcomes.map(saidBytes))).toBeLessThanOrEqual(MAX_SAID_BYTES);
      });
  });
});

/** Some 200 KiB of facts. */
function hugeCommit(position: number): CommitPlan {
  const changes = Array.from({ length: 1000 }, (_, at) => ({
    path: `src/${"a-long-name-".repeat(4)}${position}-${at}.ts`,
    content: "x\n",
  }));
  return { changes };
}

describe("a push that comes again", () => {
  test("is a duplicate that says the same events once more", async () => {
    const [, , c] = await three();
    await agent()
      .given()
      .when(pushed(c), pushed(c))
      .expect((said, outcomes) => {
        expect(outcomes).toMatchObject([{ duplicate: false }, { duplicate: true }]);
        const [first, again] = outcomes.map((outcome) => (outcome.kind === "handled" ? outcome.published : []));
        expect(again).toEqual(first);
        expect(new Set(said.map(idOf)).size).toBe(3);
      });
  });

  test("says the same event ids where it is read anew", async () => {
    const [, , c] = await three();
    const idsOfOne = async (): Promise<readonly string[]> => {
      const own = stage();
      await own.tell(pushed(c));
      return own.publisher.events.map(idOf);
    };
    const ids = await idsOfOne();
    expect(ids).toHaveLength(3);
    expect(await idsOfOne()).toEqual(ids);
  });
});

test("a commit that a branch loses and gets back keeps its event id", async () => {
  const [a, , c] = await three();
  await agent()
    .given()
    .when(pushed(c), pushed(a, { before: c }), pushed(c, { before: a }))
    .expect((said) => {
      const [, b1, c1, ...again] = said.map(idOf);
      expect(again).toEqual([b1, c1]);
    });
});

const idOf = (event: Envelope): string => event.event_id;

describe("a push that cannot be read", () => {
  test("because its commit is not there yet is tried again, and handled when it is", async () => {
    const elsewhere = await GitRepository.create(join(folder, "elsewhere.git"));
    const hash = await elsewhere.commit();
    const own = stage();
    expect(await own.tell(pushed(hash))).toMatchObject([{ kind: "retry", error: { details: { git: "not-found" } } }]);
    await elsewhere.git("push", "--quiet", path, "main");
    expect(await own.redeliver()).toMatchObject({ kind: "handled" });
    expect(hashesIn(own.publisher.events)).toEqual([hash]);
  });

  test("because its commit never comes is a dead letter at the fifth failure", async () => {
    await three();
    const own = stage();
    const outcomes = await own.tell(pushed(MISSING));
    const again: Outcome[] = [];
    while (again.length < 4) again.push(await own.redeliver());
    expect(kindsOf([...outcomes, ...again])).toEqual(["retry", "retry", "retry", "retry", "dead-lettered"]);
    expect(own.publisher.deadLetters.map(({ attributes }) => attributes)).toMatchObject([
      { dead_letter_failures: "5", dead_letter_reason: expect.stringContaining(MISSING) },
    ]);
    expect(own.publisher.events).toEqual([]);
  });

  test("because the repository's folder is missing waits for it, however often", async () => {
    const [, , c] = await three();
    await rename(path, `${path}.away`);
    const own = stage();
    const outcomes = await own.tell(pushed(c));
    const again: Outcome[] = [];
    while (again.length < 6) again.push(await own.redeliver());
    expect(new Set(kindsOf([...outcomes, ...again]))).toEqual(new Set(["retry"]));
    await rename(`${path}.away`, path);
    expect(await own.redeliver()).toMatchObject({ kind: "handled" });
    expect(hashesIn(own.publisher.events)).toHaveLength(3);
  });
});

test("a generated history of 500 commits is said with git's own numbers, each commit new once, parents first", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 32);
  await repository.commitAll(generatedHistory(500, seededRandom(seed)));
  const branches = (await repository.git("for-each-ref", "--format=%(refname)", "refs/heads")).trim().split("\n");
  const tips = await Promise.all(branches.map((ref) => repository.git("rev-parse", ref)));
  const pushes = branches.map((ref, at) => pushed(tips[at]?.trim() ?? "", { ref }));
  const numbers = await shortstats();
  try {
    await agent()
      .given()
      .when(...pushes)
      .expect((said, outcomes) => {
        expect(new Set(kindsOf(outcomes))).toEqual(new Set(["handled"]));
        const commits = commitsIn(said);
        const ours = commits.map((commit) => [
          commit.commit_hash,
          commit.files_total,
          commit.lines_added,
          commit.lines_removed,
        ]);
        expect(new Map(ours.map((each) => [each[0], each]))).toEqual(new Map(numbers.map((each) => [each[0], each])));
        expect(ours).toHaveLength(numbers.length);
        expect(commits.every((commit) => commit.new_to_repository)).toBe(true);
        const places = new Map(commits.map(({ commit_hash }, place) => [commit_hash, place]));
        const late = commits.filter(({ parent_hashes }, place) =>
          parent_hashes.some((parent) => (places.get(parent) ?? Infinity) > place),
        );
        expect(late).toEqual([]);
      });
  } catch (cause) {
    throw new Error(`with SEED=${seed}`, { cause });
  }
});

/** Each commit that a branch reaches: hash, files changed, lines added, lines removed, in git's own sums. */
async function shortstats(): Promise<(string | number)[][]> {
  const hashes = (await repository.git("rev-list", "--branches")).trim().split("\n");
  const args = ["show", "-m", "--first-parent", "--shortstat", "--format=commit %H", ...hashes];
  const commits = (await repository.git(...args)).split(/^commit /m).slice(1);
  return commits.map((text) => [
    text.slice(0, 40),
    ...["file", "insertion", "deletion"].map((word) => Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1] ?? 0)),
  ]);
}
