import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** What a program prints, whatever its exit code. */
export async function outputOf(
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<{ readonly out: string; readonly err: string }> {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { out, err };
}
