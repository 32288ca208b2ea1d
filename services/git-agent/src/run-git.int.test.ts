import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { GitRepository } from "@contextpilot/testing";

import { readCommits } from "./read-commits.ts";
import { readGit, streamGit } from "./run-git.ts";

let folder: string;
let repository: GitRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-git-"));
  repository = await GitRepository.create(join(folder, "repository"), { bare: false });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test("a folder inside a repository is no repository", async () => {
  const inside = join(repository.path, "inside");
  await mkdir(inside);
  await expect(readGit({ path: inside }, ["rev-parse", "HEAD"])).rejects.toMatchObject({ code: "not-a-repository" });
});

test("a folder that is not there, or is a file, is no repository", async () => {
  await writeFile(join(folder, "file"), "");
  for (const path of [join(folder, "nowhere"), join(folder, "file")]) {
    await expect(readGit({ path }, ["rev-parse", "HEAD"])).rejects.toMatchObject({ code: "not-a-repository" });
  }
});

test("a repository is read through a symlink", async () => {
  const hash = await repository.commit();
  await symlink(repository.path, join(folder, "link"));
  expect((await readGit({ path: join(folder, "link") }, ["rev-parse", "main"])).toString()).toBe(`${hash}\n`);
});

test("git that waits for ever is stopped at its time limit", async () => {
  await expect(
    readGit({ path: repository.path, timeLimitMs: 50 }, ["cat-file", "--batch"], endlessly("")),
  ).rejects.toMatchObject({ code: "timeout" });
});

test("git that says too much is stopped at its output limit", async () => {
  await repository.commit({ changes: [{ path: "file", content: "x".repeat(10_000) }] });
  await expect(
    readGit({ path: repository.path, outputLimitBytes: 1000 }, ["cat-file", "blob", "main:file"]),
  ).rejects.toMatchObject({ code: "too-large" });
});

test("an aborted reader stops git and throws the reason", async () => {
  const abort = new AbortController();
  const reading = readGit({ path: repository.path, signal: abort.signal }, ["cat-file", "--batch"], endlessly(""));
  abort.abort(new Error("shutting down"));
  await expect(reading).rejects.toThrow("shutting down");
  await expect(readGit({ path: repository.path, signal: abort.signal }, ["version"])).rejects.toThrow("shutting down");
});

test("leaving the output early ends git", async () => {
  const hash = await repository.commit();
  const output = streamGit({ path: repository.path }, ["cat-file", "--batch-check"], endlessly(`${hash}\n`));
  for await (const chunk of output) {
    expect(chunk.length).toBeGreaterThan(0);
    break; // the loop ends only when the process has
  }
});

/** Input without an end; git gets it as fast as it reads. */
function* endlessly(line: string): Generator<string> {
  for (;;) yield line === "" ? "#\n" : line;
}

test("nothing that a repository names is started", async () => {
  const trap = join(folder, "trap");
  await writeFile(trap, `#!/bin/sh\ntouch "${folder}/sprung-$$"\ncat "$@"\n`);
  await chmod(trap, 0o755);
  const settings: Record<string, string> = {
    "core.fsmonitor": trap,
    "core.pager": trap,
    "pager.diff-tree": trap,
    "diff.external": trap,
    "diff.trap.command": trap,
    "diff.trap.textconv": trap,
    "filter.trap.clean": trap,
    "filter.trap.smudge": trap,
    "core.hooksPath": folder,
    "gpg.program": trap,
    "log.showSignature": "true",
  };
  for (const [name, value] of Object.entries(settings)) await repository.git("config", name, value);
  const attributes = "* diff=trap filter=trap\n";
  await writeFile(join(repository.path, ".gitattributes"), attributes);
  await repository.commit({ changes: [{ path: ".gitattributes", content: attributes }] });
  await repository.commit({ changes: [{ path: "file.c", content: "one\n" }] });
  const hash = await repository.commit({ changes: [{ path: "file.c", content: "one\ntwo\n" }] });

  const [facts] = await readCommits(repository, [hash], "key");
  expect(facts).toMatchObject({ lines_added: 1, lines_removed: 0 });
  expect((await readdir(folder)).filter((name) => name.startsWith("sprung"))).toEqual([]);
});

test("a commit stays what its hash says, whatever refs/replace claims", async () => {
  const honest = await repository.commit({ changes: [{ path: "file", content: "one\n" }] });
  const other = await repository.commit({ branch: "other", changes: [{ path: "file", content: "a\nb\nc\n" }] });
  await repository.git("replace", honest, other);
  const [facts] = await readCommits(repository, [honest], "key");
  expect(facts).toMatchObject({ lines_added: 1 });
});

test("how the repository likes its diffs shown does not change what is read", async () => {
  const [, hash = ""] = await repository.commitAll([
    { changes: [{ path: "old\tname", content: "int f(void)\n{\n  a;\n  b;\n  c;\n  d;\n}\n" }] },
    {
      message: "zürich",
      changes: [
        { path: "old\tname", deleted: true },
        { path: "new\tname", content: "int f(void)\n{\n  a;\n  b;\n  c;\n  e;\n}\n" },
        { path: "module", submodule: "1".repeat(40) },
        { path: ".gitmodules", content: '[submodule "m"]\n\tpath = module\n\turl = x\n' },
      ],
    },
  ]);
  const before = await readCommits({ path: repository.path }, [hash], "key");
  const settings = [
    "color.ui=always",
    "color.diff=always",
    "diff.renames=false",
    "diff.renameLimit=1",
    "diff.algorithm=patience",
    "diff.noprefix=true",
    "diff.context=9",
    "diff.submodule=log",
    "diff.ignoreSubmodules=all",
    "diff.wordRegex=.",
    "diff.colorMoved=zebra",
    "core.abbrev=4",
    "core.quotePath=true",
    "i18n.logOutputEncoding=ISO-8859-1",
    "log.showRoot=false",
    "log.date=relative",
    "format.pretty=oneline",
  ].map((setting) => setting.split("="));
  for (const [name = "", value = ""] of settings) await repository.git("config", name, value);

  expect(before[0]).toMatchObject({ message: "zürich", files_total: 3, lines_added: 5, lines_removed: 1 });
  expect(await readCommits({ path: repository.path }, [hash], "key")).toEqual(before);
});
