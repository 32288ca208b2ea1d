/** Why a process cannot start: one line for whoever starts it, naming what is wrong and the remedy. Shown without a stack. */
export class StartError extends Error {
  override readonly name = "StartError";
}
