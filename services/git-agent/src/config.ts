/** A repository that the git-agent may read. */
export interface ReadableRepository {
  /** Its folder: a bare repository, a work tree, or a git folder. */
  readonly path: string;
  /** Where its branches stood when it began to be followed: what they reach is not new. Default: nowhere. */
  readonly tips?: readonly string[];
}

/** What the git-agent must be told. */
export interface GitAgentConfig {
  /** The repository that pushes call by the name; undefined where it may not be read, and is set aside. Asked at each push. */
  readonly repository: (name: string) => ReadableRepository | undefined;
  /** The secret that turns authors' e-mail addresses into ids. */
  readonly authorKey: string;
}
