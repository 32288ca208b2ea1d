/** A command cannot do what it was asked: one line for whoever asked, with the remedy. Shown without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Of the process. Default: 1. */
  readonly exitCode: number;

  constructor(problem: string, { exitCode = 1, ...options }: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(problem, options);
    this.exitCode = exitCode;
  }
}
