import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proposalCreated, proposalUpdated, type DataOf } from "@contextpilot/events";
import { GitRepository, Stage, type Told } from "@contextpilot/testing";
import { generatedHistory, seededRandom } from "./generated-history.ts";
import { handlers } from "./handlers.ts";
import { commitsIn, noteOf, pushed } from "./pushes.fixture.ts";

const PAGE = "CHANGELOG.md";
const BEFORE = "# Changelog\n\n## Unreleased\n\n- one\n- two\n";
const AFTER = `${BEFORE}- three\n`;

let folder: string;
let repository: GitRepository;
let base: string;
let stage: Stage<"git-agent">;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keep-patch-"));
  repository = await GitRepository.create(join(folder, "shop.git"));
  base = await repository.commit({ changes: [{ path: PAGE, content: BEFORE }] });
  const readable = { path: repository.path };
  const options = { repository: (name: string) => (name === "shop" ? readable : undefined), authorKey: "key" };
  stage = new Stage("git-agent", handlers({ ...options, repositories: () => ["shop"] }));
  await stage.tell(pushed(base));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const committed = (content: string, over: object = {}): Promise<string> =>
  repository.commit({ branch: "side", parents: [base], changes: [{ path: PAGE, content }], ...over });

/** What makes the page read so, as git says it. */
async function patchTo(content: string): Promise<string> {
  const commit = await repository.commit({ branch: "drafts", parents: [base], changes: [{ path: PAGE, content }] });
  return repository.git("diff-tree", "-p", base, commit);
}

function proposed(patch: string | undefined, over: Partial<DataOf<"proposal.created.v1">> = {}): Told {
  const data = {
    proposal_id: "p1",
    type: "changelog",
    title: "Say it in the changelog",
    files_affected: 1,
    impact: "low" as const,
    user_id: "ada",
    reason: "",
    repository: "shop",
    files: [PAGE],
    base_commit: base,
    ...(patch === undefined ? {} : { patch }),
    revision: 1,
    ...over,
  };
  const { proposal_id, revision } = data;
  const key = [proposal_id, String(revision)];
  return { at: "10:00", draft: revision === 1 ? proposalCreated(data, { key }) : proposalUpdated(data, { key }) };
}

/** The proposal that a pushed commit is said to carry. */
async function proposalOf(after: string, ref = "refs/heads/side", before?: string): Promise<string | undefined> {
  const said = stage.publisher.events.length;
  await stage.tell(pushed(after, before === undefined ? { ref } : { ref, before }));
  return commitsIn(stage.publisher.events.slice(said)).find(({ commit_hash }) => commit_hash === after)?.proposal_id;
}

test("a commit of what was proposed is the proposal's: by whoever, on whatever branch and commit it stands", async () => {
  await stage.tell(proposed(await patchTo(AFTER)));
  const commit = await committed(AFTER, { author: { name: "Ada", email: "ada@example.org" }, message: "By hand" });
  expect(await proposalOf(commit)).toBe("p1");
  expect(await proposalOf(commit, "refs/heads/main", base)).toBe("p1");

  const moved = await repository.commit({ branch: "other", parents: [base], changes: [{ path: "a", content: "a" }] });
  const picked = await committed(AFTER, { branch: "other", parents: [moved] });
  expect(await proposalOf(picked, "refs/heads/other", moved)).toBe("p1");
});

test("a commit that was found once stays known, also when its proposal has gone on", async () => {
  await stage.tell(proposed(await patchTo(AFTER)));
  const first = await committed(AFTER);
  expect(await proposalOf(first)).toBe("p1");
  await stage.tell(proposed(await patchTo(`${AFTER}- four\n`), { revision: 2 }));
  expect(await proposalOf(first, "refs/heads/main", base)).toBe("p1");
  expect(await proposalOf(await committed(`${AFTER}- four\n`, { branch: "new" }), "refs/heads/new", base)).toBe("p1");
  expect(await proposalOf(await committed(AFTER, { branch: "late" }), "refs/heads/late", base)).toBeUndefined();
});

test.each([
  ["another line", [{ path: PAGE, content: `${BEFORE}- anything\n` }]],
  ["one line more", [{ path: PAGE, content: `${AFTER}- and more\n` }]],
  [
    "another file beside it",
    [
      { path: PAGE, content: AFTER },
      { path: "src/a.ts", content: "evil();\n" },
    ],
  ],
  ["another file", [{ path: "src/a.ts", content: "evil();\n" }]],
  ["nothing", []],
] as const)("a message that names the proposal, over %s, makes it none of the proposal's", async (_what, changes) => {
  await stage.tell(proposed(await patchTo(AFTER)));
  const message = "changelog: three\n\nProposal-Id: p1\nproposal_id: p1\n";
  const forged = await repository.commit({ branch: "side", parents: [base], message, changes });
  expect(await proposalOf(forged)).toBeUndefined();
});

test("whatever else is committed with the proposal's name is none of the proposal's", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 32);
  await stage.tell(proposed(await patchTo(AFTER)));
  const plans = generatedHistory(60, seededRandom(seed)).map((plan) => ({ ...plan, message: "x\n\nProposal-Id: p1" }));
  const other = await GitRepository.create(join(folder, "other.git"));
  const hashes = await other.commitAll(plans);
  await repository.git("fetch", "--quiet", other.path, "+refs/heads/*:refs/heads/forged/*");
  for (const hash of hashes.slice(-3)) await stage.tell(pushed(hash, { ref: "refs/heads/forged" }));
  const commits = commitsIn(stage.publisher.events).slice(1);
  expect(commits.length).toBeGreaterThan(0);
  expect([seed, commits.filter(({ proposal_id }) => proposal_id !== undefined)]).toEqual([seed, []]);
});

test.each([
  ["a person has to do the work: there is no patch", undefined, {}],
  ["its patch is none that git reads", "no patch at all", {}],
  ["its patch is none that git reads", "\u0000\u0001diff --git", {}],
  ["repository elsewhere is not configured here", "x", { repository: "elsewhere" }],
] as const)("%s: nothing is kept, and why", async (why, patch, over) => {
  expect(noteOf(await stage.tell(proposed(patch, over)))).toBe(why);
  const [kept] = await stage.store.read(["default/git-agent/patches/shop"]);
  expect(kept?.value).toBeUndefined();
});
