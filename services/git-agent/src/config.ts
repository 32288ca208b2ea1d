/** What the git-agent must be told. */
export interface GitAgentConfig {
  /** The repositories it may read: the name that pushes give, and the folder. All others are set aside. */
  readonly repositories: Readonly<Record<string, string>>;
  /** The secret that turns authors' e-mail addresses into ids. */
  readonly authorKey: string;
}
