import type { WantedCommits } from "./fetch-commits.ts";
import { readBranches, type Branches } from "./read-branches.ts";
import type { Repository } from "./run-git.ts";

/** A repository that the git-agent may read. */
export type ReadableRepository = RepositoryFolder | RemoteRepository;

/** One on this machine. */
export interface RepositoryFolder {
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

/** One on another machine: what a job reads of it is fetched first. */
export interface RemoteRepository {
  readonly tips?: undefined;
  /** Where its branches stand now. Throws a GitError. */
  readonly branches: (bounds: Bounds) => Promise<Branches>;
  /**
   * Lends a clone with these commits, and all that they reach, as far as the remote has them; undefined: of what was fetched before.
   * Throws a GitError.
   */
  readonly use: <T>(
    wanted: WantedCommits | undefined,
    signal: AbortSignal,
    job: (clone: Repository) => Promise<T>,
  ) => Promise<T>;
}

type Bounds = Required<Pick<Repository, "signal" | "timeLimitMs">>;

/** Does a job that reads these commits of a repository; undefined: none. Throws a GitError, or what the job throws. */
export function useRepository<T>(
  found: ReadableRepository,
  wanted: WantedCommits | undefined,
  signal: AbortSignal,
  job: (repository: Repository) => Promise<T>,
): Promise<T> {
  return "path" in found ? job({ path: found.path, signal }) : found.use(wanted, signal, job);
}

/** Where a repository's branches stand. Throws a GitError. */
export function branchesOf(found: ReadableRepository, bounds: Bounds): Promise<Branches> {
  return "path" in found ? readBranches({ path: found.path, ...bounds }, found.remote) : found.branches(bounds);
}
