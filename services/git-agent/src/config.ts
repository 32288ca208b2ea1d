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
