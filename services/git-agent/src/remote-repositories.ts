import { Clones } from "./clones.ts";
import type { GitAgentConfig } from "./config.ts";
import { fetchChanges, fetchBlobs } from "./fetch-changes.ts";
import { fetchCommits } from "./fetch-commits.ts";
import { readRemoteBranches } from "./read-remote-branches.ts";
import type { RemoteRepository } from "./readable-repository.ts";
import type { Credentials, Remote } from "./remote-git.ts";
import { REPOSITORY, isAllowed, isName } from "./repository-names.ts";

/** Where repositories are fetched from, which of them, and as whom. */
export interface RemoteRepositoriesOptions {
  /** Their address, with `{repository}` where the name stands. */
  readonly url: string;
  /** `acme/shop`, or `acme/*` for all of an owner's. */
  readonly allowed: readonly string[];
  readonly credentials?: Credentials;
  /** Where clones are kept, in a folder of their own. */
  readonly folder: string;
}

/**
 * The repositories of a host of repositories, of which only those that are allowed can be named. Those that are named in full are listed;
 * of an owner's nobody here knows the names.
 */
export function remoteRepositories(
  options: RemoteRepositoriesOptions,
): Pick<GitAgentConfig, "repository" | "repositories"> {
  const { url, allowed, credentials, folder } = options;
  const clones = new Clones(folder);
  const remoteOf = (name: string): Remote => ({
    url: url.replace(REPOSITORY, () => name),
    ...(credentials && { credentials }),
  });
  return {
    repository: (name) => (isAllowed(name, allowed) ? repositoryAt(remoteOf(name), clones) : undefined),
    repositories: () => allowed.filter(isName),
  };
}

function repositoryAt(remote: Remote, clones: Clones): RemoteRepository {
  return {
    branches: (bounds) => readRemoteBranches(remote, { path: clones.parent, ...bounds }),
    use: (wanted, signal, job) =>
      clones.lend(remote.url, async (clone) => {
        if (wanted !== undefined) await fetchCommits(clone, remote, wanted, signal);
        const bring = {
          changes: (commits: readonly string[]) => fetchChanges(clone, remote, commits, signal),
          blobs: (hashes: readonly string[]) => fetchBlobs(clone, remote, hashes, signal),
        };
        return job({ path: clone.path, signal, bring });
      }),
  };
}
