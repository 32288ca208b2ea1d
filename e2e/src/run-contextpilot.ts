import { runProgram } from "./run-program.ts";

const CLI = new URL("../../packages/cli/src/main.ts", import.meta.url);

export interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: unknown;
}

/** Runs the command line to its end, as a person or a script does; with further variables of its environment, where there are any. */
export async function runContextpilot(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const program = runProgram(CLI, args, { environment });
  const code = await program.ended();
  return { out: program.lines.join("\n"), err: program.errors(), code };
}

/** What `--json` prints: an object a line. */
export const jsonIn = (out: string): readonly Record<string, unknown>[] =>
  out.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
