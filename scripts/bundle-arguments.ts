import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";

const DEFAULT_OUT = ".bundles";

export const usage = (
  processes: readonly BundledProgram[],
): string => `npm run bundle -- <process>|all|<file.ts> [--out <folder>]

Bundles a process for Node 24 into a folder of its name, which runs without node_modules: node <folder>/<process>/server.js

  <process>        one of ${namesOf(processes)}; or all of them
  <file.ts>        any other program
  --out <folder>   where the folders go (default: ${DEFAULT_OUT})
  --help           shows this`;

/** A program by its name, with its file. */
export interface BundledProgram {
  readonly name: string;
  readonly entry: string;
}

export type BundleArguments =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problem: string }
  | { readonly kind: "bundle"; readonly programs: readonly BundledProgram[]; readonly out: string };

export function parseBundleArguments(args: readonly string[], processes: readonly BundledProgram[]): BundleArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { out: { type: "string", default: DEFAULT_OUT }, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
  });
  if (values.help === true) return { kind: "help" };
  const [wanted, ...more] = positionals;
  const known = `say one of ${namesOf(processes)}, or all`;
  if (wanted === undefined) return { kind: "wrong", problem: `nothing to bundle: ${known}` };
  if (more.length > 0) return { kind: "wrong", problem: `${positionals.join(" ")}: one at a time, or all` };
  const unknown = Object.keys(values).find((name) => name !== "out");
  if (unknown !== undefined) return { kind: "wrong", problem: `--${unknown}: there is no such option` };
  if (typeof values.out !== "string" || values.out === "") return { kind: "wrong", problem: "--out: say a folder" };
  const programs = programsOf(wanted, processes);
  if (programs.length === 0) return { kind: "wrong", problem: `${wanted}: there is no such process; ${known}` };
  return { kind: "bundle", programs, out: values.out };
}

function programsOf(wanted: string, processes: readonly BundledProgram[]): readonly BundledProgram[] {
  if (wanted.endsWith(".ts")) return [{ name: basename(wanted, ".ts"), entry: resolve(wanted) }];
  return processes.filter(({ name }) => wanted === "all" || wanted === name);
}

const namesOf = (processes: readonly BundledProgram[]): string => processes.map(({ name }) => name).join(", ");
