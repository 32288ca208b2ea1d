import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository } from "@contextpilot/testing";
import { readSlice, type SliceRoom } from "./read-slice.ts";

const ZEROS = "0".repeat(40);
const PLENTY: SliceRoom = { bytes: 1024 ** 2, perCommit: 0 };

let folder: string;
let repository: GitRepository;
let hashes: readonly string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-slice-"));
  repository = await GitRepository.create(join(folder, "repository.git"));
  hashes = await repository.commitAll(Array.from({ length: 60 }, () => ({ message: "x".repeat(1000) })));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function slice(offset: number, room: SliceRoom) {
  const push = { ref: "refs/heads/main", before: ZEROS, after: hashes[59] ?? "", knownTips: [] };
  const { commits, nextOffset } = await readSlice(repository, push, { offset, room, documents: true }, "key");
  return { hashes: commits.map(({ facts }) => facts.commit_hash), nextOffset };
}

test("a slice has 50 commits at most, and says where the next begins", async () => {
  expect(await slice(0, PLENTY)).toEqual({ hashes: hashes.slice(0, 50), nextOffset: 50 });
});

test("the last slice says that there is no next", async () => {
  expect(await slice(50, PLENTY)).toEqual({ hashes: hashes.slice(50), nextOffset: undefined });
});

test("a slice ends where its room does, in either half", async () => {
  // Each commit takes 1,000 bytes of message and its few other facts.
  const short = await slice(0, { bytes: 15_000, perCommit: 0 });
  expect(short.hashes.length).toBeGreaterThan(5);
  expect(short.hashes.length).toBeLessThan(15);
  expect(short.nextOffset).toBe(short.hashes.length);
  const longer = await slice(0, { bytes: 40 * 1_500, perCommit: 0 });
  expect(longer.hashes.length).toBeGreaterThan(25);
  expect(longer.hashes.length).toBeLessThan(50);
  expect(longer.hashes).toEqual(hashes.slice(0, longer.nextOffset));
});

test("what goes with each commit takes room too", async () => {
  expect((await slice(0, { bytes: 100_000, perCommit: 30_000 })).hashes).toEqual(hashes.slice(0, 3));
});

test("a commit that is larger than the room is a slice of its own", async () => {
  expect(await slice(7, { bytes: 10, perCommit: 0 })).toEqual({ hashes: hashes.slice(7, 8), nextOffset: 8 });
});

test("the changelog takes room too, and comes with the last commit", async () => {
  const content = `${"x".repeat(99)}\n`.repeat(400);
  hashes = [...hashes.slice(1), await repository.commit({ changes: [{ path: "CHANGELOG.md", content }] })];
  expect(await slice(55, { bytes: 30_000, perCommit: 0 })).toEqual({ hashes: hashes.slice(54, 59), nextOffset: 60 });
  expect(await slice(60, { bytes: 30_000, perCommit: 0 })).toEqual({ hashes: hashes.slice(59), nextOffset: undefined });
});

test("an offset past the end gives nothing, and no next", async () => {
  expect(await slice(60, PLENTY)).toEqual({ hashes: [], nextOffset: undefined });
});
