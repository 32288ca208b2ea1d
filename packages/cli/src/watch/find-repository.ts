import { statSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import { CommandError } from "../commands/command-error.ts";
import { runGit } from "../demo/run-git.ts";

/** A repository as its hook needs it. */
export interface FoundRepository {
  /** Its top folder: the work tree's, or the bare repository itself. */
  readonly path: string;
  /** Where git keeps it; of a linked work tree that of its main repository. */
  readonly gitFolder: string;
  readonly hooksFolder: string;
  /** The remote whose branches a clone follows; undefined for a bare repository, which is pushed to itself. */
  readonly remote: string | undefined;
  readonly hasRemote: boolean;
  /** Where its branches stand. */
  readonly tips: readonly string[];
}

/** Branches whose tips are noted, those changed last: as many as the git-agent takes. The others' commits may come once more where a new branch reaches them. */
const MAX_TIPS = 2000;

/** Asks git about the repository at the path, with the user's own configuration, as a push there has it. Throws a CommandError. */
export async function findRepository(path: string): Promise<FoundRepository> {
  const given = resolve(path);
  if (!statSync(given, { throwIfNoEntry: false })?.isDirectory()) throw new CommandError(`${given} is no folder`);
  const git = (folder: string, ...args: readonly string[]): Promise<string> =>
    runGit(folder, args, { usersOwn: true }).catch((error: unknown) => {
      throw error instanceof StartError ? new CommandError(inWords(error.message, given), { cause: error }) : error;
    });
  const ask = async (folder: string, ...args: readonly string[]): Promise<string> =>
    (await git(folder, "rev-parse", "--path-format=absolute", ...args)).replace(/\n$/, "");

  const gitFolder = await ask(given, "--git-common-dir");
  const isBare = (await ask(gitFolder, "--is-bare-repository")) === "true";
  const top = isBare ? gitFolder : await ask(given, "--show-toplevel");
  const hooksFolder = await ask(isBare ? gitFolder : given, "--git-path", "hooks");
  refuseShared(hooksFolder, [gitFolder, top]);
  const remotes = (await git(gitFolder, "remote")).split("\n").filter(Boolean);
  const newest = ["--sort=-committerdate", `--count=${MAX_TIPS}`, "--format=%(objectname)"];
  const tips = await git(gitFolder, "for-each-ref", ...newest, "refs/heads", "refs/remotes");
  return {
    path: top,
    gitFolder,
    hooksFolder,
    remote: isBare ? undefined : remotes.includes("origin") ? "origin" : (remotes[0] ?? "origin"),
    hasRemote: isBare || remotes.length > 0,
    tips: [...new Set(tips.split("\n").filter(Boolean))],
  };
}

/** A hook in a folder that other repositories share would tell of their pushes too. */
function refuseShared(hooksFolder: string, own: readonly string[]): void {
  if (own.some((folder) => isWithin(folder, hooksFolder))) return;
  throw new CommandError(
    `its hooks are in ${hooksFolder} (core.hooksPath), which other repositories may share: give it hooks of its own, git config core.hooksPath .git/hooks`,
  );
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}

function inWords(message: string, path: string): string {
  if (/not a git repository/i.test(message)) return `${path} is no git repository`;
  if (/must be run in a work tree/i.test(message))
    return `${path} is inside a repository's git folder: name its work tree`;
  if (/EACCES|permission denied/i.test(message)) return `${path} cannot be read: this user has no permission`;
  return message;
}
