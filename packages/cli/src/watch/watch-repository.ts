import { basename, join, resolve } from "node:path";
import { CommandError } from "../commands/command-error.ts";
import { DEMO_REPOSITORY } from "../demo/demo-repository.ts";
import { findRepository } from "./find-repository.ts";
import { hookNameOf, hookState, installHook, removeHook, type HookPurpose } from "./hook-file.ts";
import type { WatchedRepository, WatchedRepositories } from "./watched-repositories.ts";

export interface Watching extends WatchedRepository {
  readonly name: string;
  /** It was watched before; its hook was looked after. */
  readonly again: boolean;
  /** A clone without one is never pushed. */
  readonly hasRemote: boolean;
}

/**
 * Lets every push to the repository, or from this clone, tell the house. Nothing is imported: it starts at today's tips.
 * Watching again mends the hook and changes nothing else. Throws a CommandError; then nothing was changed.
 */
export async function watchRepository(
  watched: WatchedRepositories,
  {
    path,
    name: wanted,
    dataFolder,
  }: { readonly path: string; readonly name?: string | undefined; readonly dataFolder: string },
): Promise<Watching> {
  const found = await findRepository(path);
  const { gitFolder, hooksFolder, remote, hasRemote } = found;
  const known = Object.entries(watched.all()).find(([, { git_folder }]) => git_folder === gitFolder);
  const name = nameFor(known?.[0], wanted, found.path, watched);
  const purpose: HookPurpose = {
    dataFolder: resolve(dataFolder),
    repository: name,
    ...(remote === undefined ? {} : { clone: { gitFolder, remote } }),
  };
  const hook = join(hooksFolder, hookNameOf(purpose));
  const before = known?.[1];
  if (before !== undefined && hookState(before.hook, before.hook_sha256) === "changed") {
    throw new CommandError(`${before.hook} was changed since it was installed: unwatch it, and watch it again`);
  }
  // Its hooks moved since: the old one would tell each push twice.
  if (before !== undefined && before.hook !== hook) removeHook(before.hook, before.hook_sha256);
  const hook_sha256 = installHook(hook, purpose);
  const entry = {
    path: found.path,
    git_folder: gitFolder,
    hook,
    hook_sha256,
    ...(remote === undefined ? {} : { remote }),
    tips: [...(before?.tips ?? found.tips)],
  };
  try {
    watched.replace({ ...watched.all(), [name]: entry });
  } catch (error) {
    if (before === undefined) removeHook(hook, hook_sha256);
    throw error;
  }
  return { ...entry, name, again: known !== undefined, hasRemote };
}

/** Takes the hook away and forgets the repository, by its path or name; what the house kept of it stays. Throws a CommandError. */
export function unwatchRepository(
  watched: WatchedRepositories,
  pathOrName: string,
): WatchedRepository & { name: string } {
  const all = Object.entries(watched.all());
  const path = resolve(pathOrName);
  const [name, entry] =
    all.find(([, one]) => one.path === path || one.git_folder === path) ??
    all.find(([each]) => each === pathOrName) ??
    [];
  if (name === undefined || entry === undefined) {
    throw new CommandError(`${pathOrName} is not watched: ./contextpilot watched lists what is`);
  }
  removeHook(entry.hook, entry.hook_sha256);
  watched.replace(Object.fromEntries(all.filter(([each]) => each !== name)));
  return { ...entry, name };
}

function nameFor(
  known: string | undefined,
  wanted: string | undefined,
  path: string,
  watched: WatchedRepositories,
): string {
  if (known !== undefined) {
    if (wanted === undefined || wanted === known) return known;
    throw new CommandError(`it is watched already, as ${known}: unwatch it first to give it another name`);
  }
  const name = wanted ?? basename(path).replace(/\.git$/, "");
  // As git.push.v1 takes it.
  if (name === "" || name.length > 256 || /\p{Cc}/u.test(name)) {
    throw new CommandError("a name has 1 to 256 characters and no controls: give another with --name");
  }
  const taken = name === DEMO_REPOSITORY ? "the demo" : watched.get(name)?.path;
  if (taken !== undefined) throw new CommandError(`${name} is the name of ${taken}: give another with --name`);
  return name;
}
