import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { GitRepository } from "@contextpilot/testing";

import { listCommits, type PushedRef } from "./list-commits.ts";

const ZEROS = "0".repeat(40);
const MISSING = "1".repeat(40);

let folder: string;
let repository: GitRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "list-commits-"));
  repository = await GitRepository.create(join(folder, "repository.git"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function list(push: Partial<PushedRef>, slice = { offset: 0, limit: 100 }) {
  const whole = { ref: "refs/heads/main", before: ZEROS, after: ZEROS, knownTips: [], ...push };
  return listCommits(repository, whole, slice);
}

function fresh(...hashes: (string | undefined)[]) {
  return hashes.map((hash) => ({ hash, newToRepository: true }));
}

function known(...hashes: (string | undefined)[]) {
  return hashes.map((hash) => ({ hash, newToRepository: false }));
}

/** main: a - b - c */
async function three(): Promise<[string, string, string]> {
  const [a = "", b = "", c = ""] = await repository.commitAll([{}, {}, {}]);
  return [a, b, c];
}

test("the first branch brings all its commits, parents before children", async () => {
  const [a, b, c] = await three();
  expect(await list({ after: c })).toEqual({ commits: fresh(a, b, c), total: 3, forced: false });
});

test("an update brings what was not reachable before", async () => {
  const [a, b, c] = await three();
  expect(await list({ before: a, after: c })).toEqual({ commits: fresh(b, c), total: 2, forced: false });
});

test("a branch made from main brings only its own commits", async () => {
  const [, b, c] = await three();
  const own = await repository.commit({ branch: "feature", parents: [b] });
  const push = { ref: "refs/heads/feature", after: own, knownTips: [c] };
  expect(await list(push)).toEqual({ commits: fresh(own), total: 1, forced: false });
});

test("a merge of a branch that was already seen is new, the branch's commits are not", async () => {
  const [a, , c] = await three();
  const side = await repository.commit({ branch: "side", parents: [a] });
  const merge = await repository.commit({ parents: [c, side] });
  const { commits } = await list({ before: c, after: merge, knownTips: [side] });
  expect(commits).toEqual([...known(side), ...fresh(merge)]);
});

test("a force push brings what the branch had not seen, and is marked", async () => {
  const [a, , c] = await three();
  const rewritten = await repository.commit({ parents: [a] });
  expect(await list({ before: c, after: rewritten })).toEqual({
    commits: fresh(rewritten),
    total: 1,
    forced: true,
    rewrote: true,
  });
});

test("a branch set back brings nothing, and is marked", async () => {
  const [a, , c] = await three();
  expect(await list({ before: c, after: a })).toEqual({ commits: [], total: 0, forced: true, rewrote: true });
});

test("a `before` that is gone counts as a force push beside the known tips", async () => {
  const [a, b, c] = await three();
  const push = { before: MISSING, after: c, knownTips: [a] };
  expect(await list(push)).toEqual({ commits: fresh(b, c), total: 2, forced: true });
});

test("an `after` that is not there is named as not found", async () => {
  const [a] = await three();
  await expect(list({ before: a, after: MISSING })).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringContaining(MISSING),
  });
});

test("known tips that are gone are passed over", async () => {
  const [a, b, c] = await three();
  const { commits } = await list({ before: a, after: c, knownTips: [MISSING, ZEROS, b] });
  expect(commits).toEqual([...known(b), ...fresh(c)]);
});

test.each(["refs/tags/v1", "refs/notes/commits", "refs/replace/x", "--upload-pack=x"])(
  "%s brings nothing",
  async (ref) => {
    const [, , c] = await three();
    expect(await list({ ref, after: c })).toEqual({ commits: [], total: 0, forced: false });
  },
);

test("a branch that is named like an option is a branch", async () => {
  const [, b, c] = await three();
  expect(await list({ ref: "refs/heads/--upload-pack=x", before: b, after: c })).toMatchObject({ commits: fresh(c) });
});

test("a deletion brings nothing, even where the repository is gone", async () => {
  await rm(folder, { recursive: true });
  expect(await list({ before: MISSING })).toEqual({ commits: [], total: 0, forced: false });
});

test("slices add up to the whole push, in the same order", async () => {
  const hashes = await repository.commitAll(Array.from({ length: 2000 }, () => ({})));
  const sliced: string[] = [];
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const slice = await list({ after: hashes.at(-1) ?? "" }, { offset, limit: 300 });
    expect(slice.total).toBe(2000);
    sliced.push(...slice.commits.map((commit) => commit.hash));
    offset = slice.nextOffset;
  }
  expect(sliced).toEqual(hashes);
});
