/** A command cannot do what it was asked: one line for whoever asked, with the remedy. Shown without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
