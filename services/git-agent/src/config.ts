import { statSync } from "node:fs";
import { parseEnvironment, type Environment } from "@contextpilot/agent-host";
import { z } from "zod";
import { repositoriesIn } from "./repositories-in.ts";

/** A repository that the git-agent may read. */
export interface ReadableRepository {
  /** Its folder: a bare repository, a work tree, or a git folder. */
  readonly path: string;
  /**
   * Where its branches stood when it began to be followed: what they reach is not new. Default: nowhere; then a branch is caught up
   * with only when a push of it has been heard before, for nobody knows whether it is new.
   */
  readonly tips?: readonly string[];
  /** Of a clone: the remote whose branches, as the clone last saw them, are the repository's. Default: its own branches are. */
  readonly remote?: string;
}

/** What the git-agent must be told. */
export interface GitAgentConfig {
  /** The repository that pushes call by the name; undefined where it may not be read, and is set aside. Asked at each push. */
  readonly repository: (name: string) => ReadableRepository | undefined;
  /** The names of all repositories that may be read. Asked at each tick, which looks for pushes that nobody told of. */
  readonly repositories: () => readonly string[];
  /** The secret that turns authors' e-mail addresses into ids. */
  readonly authorKey: string;
}

const FOLDER_REMEDY = "set it to the folder that holds the repositories, by their names: shop or shop.git";
/** As short as a key may be that nobody tries out. */
const MIN_KEY_LENGTH = 16;
const KEY_REMEDY = `set it to a random text of at least ${MIN_KEY_LENGTH} characters, as from: openssl rand -hex 32`;

const schema = z.object({
  GIT_FOLDER: z.string({ error: FOLDER_REMEDY }).refine(isFolder, `it is no folder; ${FOLDER_REMEDY}`),
  AUTHOR_KEY: z.string({ error: KEY_REMEDY }).min(MIN_KEY_LENGTH, KEY_REMEDY),
});

/** Reads the configuration of a process of its own. Throws a StartError, one line that names the variable and the remedy. */
export function gitAgentConfig(env: Environment): GitAgentConfig {
  const { GIT_FOLDER, AUTHOR_KEY } = parseEnvironment(schema, env);
  return { ...repositoriesIn(GIT_FOLDER), authorKey: AUTHOR_KEY };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
