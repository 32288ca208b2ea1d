import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { GitAgentConfig } from "./config.ts";
import type { RepositoryFolder } from "./readable-repository.ts";

/** `shop`, or as GitHub says it `acme/shop`; without the suffix of its folder, so that a repository has one name. */
const NAME = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)?(?<!\.git)$/;

interface RepositoriesIn extends Pick<GitAgentConfig, "repositories"> {
  readonly repository: (name: string) => RepositoryFolder | undefined;
}

/**
 * The repositories of a folder, by name: `shop` is the folder `shop` or `shop.git`, `acme/shop` the same in `acme`. Asks the disk each
 * time, so that a new one needs no restart. A link is none of them: it may lead out of the folder, or give a repository two names.
 */
export function repositoriesIn(folder: string): RepositoriesIn {
  const repository = (name: string): RepositoryFolder | undefined => {
    if (!NAME.test(name)) return undefined;
    const path = [name, `${name}.git`].map((each) => below(folder, each)).find((each) => each && isRepository(each));
    return path === undefined ? undefined : { path };
  };
  const repositories = (): readonly string[] => {
    const owners = childrenOf(folder);
    const names = owners.flatMap((owner) => [
      owner,
      ...(isRepository(join(folder, owner)) ? [] : childrenOf(join(folder, owner)).map((name) => `${owner}/${name}`)),
    ]);
    return [...new Set(names.map((name) => name.replace(/\.git$/, "")))].filter((name) => repository(name)).sort();
  };
  return { repository, repositories };
}

/** The path below the folder, where it leads there without a link. */
function below(folder: string, path: string): string | undefined {
  try {
    const real = join(realpathSync(folder), path);
    return realpathSync(real) === real ? real : undefined;
  } catch {
    return undefined;
  }
}

/** Bare, or with a work tree. */
const isRepository = (path: string): boolean => existsSync(join(path, "HEAD")) || existsSync(join(path, ".git"));

function childrenOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no folder, or none that may be read
  }
}
