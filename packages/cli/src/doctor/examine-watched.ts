import { accessSync, constants, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { shellWord } from "../commands/plain-text.ts";
import { findRepository } from "../watch/find-repository.ts";
import { hookState } from "../watch/hook-file.ts";
import { WatchedRepositories, type WatchedRepository } from "../watch/watched-repositories.ts";
import { ok, wrong, type Finding } from "./finding.ts";

/** A finding for each watched repository; one where there are none, or their list cannot be read. */
export async function examineWatched(data: string): Promise<readonly Finding[]> {
  try {
    const all = Object.entries(new WatchedRepositories(data).all());
    if (all.length === 0) return [ok("watched", "no repository: ./contextpilot watch <path>")];
    return await Promise.all(all.map(([name, entry]) => examineOne(name, entry)));
  } catch (error) {
    return [wrong("watched", (error as Error).message, "mend that file, then: ./contextpilot doctor")];
  }
}

async function examineOne(name: string, { path, git_folder, hook, hook_sha256 }: WatchedRepository): Promise<Finding> {
  const check = `watched ${name}`;
  const again = `./contextpilot watch ${shellWord(path)}`;
  const never = `./contextpilot unwatch ${shellWord(name)}`;
  const found = await findRepository(path).catch((error: unknown) => error as Error);
  if (found instanceof Error) return wrong(check, found.message, `bring it back, or: ${never}`);
  if (found.gitFolder !== git_folder) {
    return wrong(check, `${path} is another repository now`, `${never}, and then: ${again}`);
  }
  if (found.hooksFolder !== dirname(hook)) {
    return wrong(check, `git runs its hooks from ${found.hooksFolder} now, not ${hook}`, again);
  }
  switch (hookState(hook, hook_sha256)) {
    case "missing":
      return wrong(check, `${hook} is missing`, again);
    case "changed":
      return wrong(check, `${hook} was changed`, `see what was added, remove the hook, and then: ${again}`);
    case "installed":
  }
  const unable = whyNotRun(hook);
  if (unable !== undefined) return wrong(check, `${hook} cannot run: ${unable}`, again);
  return ok(check, `${path}, by ${hook}`);
}

function whyNotRun(hook: string): string | undefined {
  try {
    accessSync(hook, constants.X_OK);
    // The first two words of the command in the script: the Node that it was installed with, which may have gone.
    const node = /(?:\| )'([^']+)' '--disable-warning/.exec(readFileSync(hook, "utf8"))?.[1];
    if (node !== undefined) accessSync(node, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
