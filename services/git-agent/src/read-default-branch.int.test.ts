import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository } from "@contextpilot/testing";
import { readDefaultBranch } from "./read-default-branch.ts";

let folder: string;
let repository: GitRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "default-branch-"));
  repository = await GitRepository.create(join(folder, "repository.git"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("it is the one that HEAD names, with commits or without", async () => {
  expect(await readDefaultBranch(repository)).toBe("refs/heads/main");
  await repository.git("symbolic-ref", "HEAD", "refs/heads/trunk/new");
  expect(await readDefaultBranch(repository)).toBe("refs/heads/trunk/new");
});

test("in a clone it is its origin's, whatever is checked out", async () => {
  await repository.commit();
  await repository.git("clone", "--quiet", ".", "../clone");
  const clone = await GitRepository.create(join(folder, "clone"), { bare: false });
  await clone.git("checkout", "--quiet", "-b", "topic");
  expect(await readDefaultBranch(clone)).toBe("refs/heads/main");
});

test("there is none where HEAD is a commit", async () => {
  const hash = await repository.commit();
  await repository.git("update-ref", "--no-deref", "HEAD", hash);
  expect(await readDefaultBranch(repository)).toBeUndefined();
});

test("a folder that is no repository is said to be none", async () => {
  await expect(readDefaultBranch({ path: folder })).rejects.toMatchObject({ code: "not-a-repository" });
});
