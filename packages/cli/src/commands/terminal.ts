import { createInterface } from "node:readline/promises";
import { buffer } from "node:stream/consumers";
import { colours } from "../colours.ts";

/** Where a command reads and writes; a test has its own. */
export interface Terminal {
  /** Whether people read what is printed. */
  readonly isForPeople: boolean;
  readonly colours: typeof colours;
  /** One line on standard output. */
  print(line: string): void;
  /** Bytes on standard output, as they are. */
  write(bytes: Uint8Array): void;
  /** One line on standard error. */
  note(line: string): void;
  /** How far a long work is, on standard error, for whoever watches; each replaces the one before. */
  progress(text: string): void;
  /** Asks for a yes; undefined where nobody is there to answer. */
  confirm(question: string): Promise<boolean | undefined>;
  /** All of standard input. */
  read(): Promise<Uint8Array>;
  /** The command has not done all that it was asked: its exit code will be 1. */
  fail(): void;
}

/** A line that is written over: back to its beginning, and what stands there erased. */
const CLEAR = "\r\u001b[K";

/** The terminal, or whatever files and pipes stand in its place, of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  stdout.on("error", endWithReader);
  let hasProgress = false;
  const clear = (): void => {
    if (hasProgress) stderr.write(CLEAR);
    hasProgress = false;
  };
  return {
    isForPeople: stdout.isTTY,
    colours,
    print: (line) => {
      clear();
      stdout.write(`${line}\n`);
    },
    write: (bytes) => void stdout.write(bytes),
    note: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    progress: (text) => {
      if (!stderr.isTTY) return;
      hasProgress = true;
      stderr.write(CLEAR + text);
    },
    confirm: async (question) => {
      if (!stdin.isTTY || !stderr.isTTY) return undefined;
      const prompt = createInterface({ input: stdin, output: stderr });
      try {
        return /^y(?:es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
      } finally {
        prompt.close();
      }
    },
    read: () => buffer(stdin),
    fail: () => void (process.exitCode = 1),
  };
}

/** Whoever reads has seen enough: `| head`. Every other error is thrown. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}
