import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Program {
  readonly child: ChildProcess;
  /** The next line of standard output; rejects when the program ends without one. */
  line(): Promise<string>;
  /** Every line of standard output so far. */
  readonly lines: readonly string[];
  /** Standard error so far. */
  errors(): string;
  /** Sends a signal and waits for the end; gives the exit code, or the signal that ended it. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Waits for the end; gives the exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>;
}

export interface RunOptions {
  /** Where the program finds others. Default: this process's own PATH. */
  readonly path?: string;
  /** Its temporary folder. Default: the system's. */
  readonly temporary?: string;
  /** A command that runs the program in its own place, given as its last arguments. Default: none. */
  readonly under?: readonly string[];
  /** A module to load before it. Default: none. */
  readonly load?: URL;
  /** Further variables of its environment. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a TypeScript program of this project under this Node, in an environment without CI or colours. */
export function runProgram(file: URL, args: readonly string[], options: RunOptions = {}): Program {
  const { path = process.env["PATH"], temporary = tmpdir(), under = [], load, environment = {} } = options;
  const before = load === undefined ? [] : ["--import", load.href];
  const program = [process.execPath, "--disable-warning=ExperimentalWarning", ...before, fileURLToPath(file), ...args];
  const [command = process.execPath, ...rest] = [...under, ...program];
  const child = spawn(command, rest, {
    env: { PATH: path, HOME: process.env["HOME"], TMPDIR: temporary, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const end = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  let taken = 0;
  return {
    child,
    lines,
    errors: () => errors,
    line: async () => {
      while (lines.length <= taken) {
        const came = await Promise.race([once(reader, "line").then(() => true), end.then(() => false)]);
        if (!came && lines.length <= taken) throw new Error(`the program ended without a further line: ${errors}`);
      }
      taken += 1;
      return lines[taken - 1] ?? "";
    },
    stop: (signal) => {
      child.kill(signal);
      return end;
    },
    ended: () => end,
  };
}
