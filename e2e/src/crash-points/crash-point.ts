/** A place in the life of a message where a process may die: just before or just after a text of a source file. */
export interface CrashPoint {
  readonly name: string;
  /** A step of docs/lifecycle.md, or where else a message is kept. */
  readonly step: string;
  /** In packages/. */
  readonly file: string;
  /** Stands once in the file, as whole statements. */
  readonly at: { readonly before: string } | { readonly after: string };
  /** At which pass the process dies, one run for each. Default: the first. */
  readonly passes?: readonly number[];
  /** How long an act takes meanwhile, in milliseconds. Default: none to speak of. */
  readonly actMs?: number;
}
