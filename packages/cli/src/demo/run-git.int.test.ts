import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import { runGit } from "./run-git.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-git-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("git's answer comes as it is", async () => {
  await runGit(folder, ["init", "--quiet", "--initial-branch=main"]);
  expect(await runGit(folder, ["symbolic-ref", "HEAD"])).toBe("refs/heads/main\n");
});

test("git's many words about what failed become one line that names the command and the folder", async () => {
  await runGit(folder, ["init", "--quiet"]);
  const failure = await runGit(folder, ["fetch", "./nowhere"]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  const line = `git fetch in ${folder}: fatal: './nowhere' does not appear to be a git repository; fatal: Could not read`;
  expect(String(failure)).toContain(line);
  expect(String(failure)).not.toContain("\n");
});
