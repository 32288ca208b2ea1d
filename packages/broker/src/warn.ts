/** Tells the process's log of what nobody could be told. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
