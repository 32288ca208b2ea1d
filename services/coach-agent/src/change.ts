import type { DataOf, FileKind } from "@contextpilot/events";
import { testPlanFor } from "./test-plan.ts";

/** One file of a commit, as the rules look at it. */
export interface ChangedFile {
  readonly path: string;
  /** Absent where only its path is known. */
  readonly kind: FileKind | undefined;
  readonly added: number;
  readonly removed: number;
  /** What git names in the hunk headers. */
  readonly functions: readonly string[];
}

/** A measured commit, as the rules look at it. */
export interface Change {
  readonly update: DataOf<"context.update.v1">;
  readonly files: readonly ChangedFile[];
  /** Whether every file of the commit is among them. */
  readonly complete: boolean;
}

/**
 * The files of an update: those it lists, else the paths that it names. A path alone has no lines, unless it is the only
 * one: then it has them all.
 */
export function changeOf(update: DataOf<"context.update.v1">): Change {
  const listed = update.changes.map(({ path, kind, lines_added, lines_removed, functions }) => ({
    path,
    kind,
    added: lines_added,
    removed: lines_removed,
    functions,
  }));
  const files = listed.length > 0 ? listed : namedFiles(update);
  return { update, files, complete: update.files_total <= files.length };
}

function namedFiles(update: DataOf<"context.update.v1">): ChangedFile[] {
  const paths = update.files_changed.filter((path) => path !== "");
  const known =
    paths.length === 1 ? { added: update.lines_added, removed: update.lines_removed } : { added: 0, removed: 0 };
  return paths.map((path) => ({ path, kind: undefined, functions: [], ...known }));
}

export function linesOf(file: ChangedFile): number {
  return file.added + file.removed;
}

/** Shows or measures the code, or serves the project's own work: nobody builds on it. */
const BESIDE_THE_CODE = /(?:^|\/)(?:_?examples?|demos?|samples?|benchmarks?|\.github|scripts?)\//i;

/** Written by hand, in a language whose convention for tests is known, for others to build on, and no test itself. */
export function wantsTest(file: ChangedFile): boolean {
  if (BESIDE_THE_CODE.test(file.path)) return false;
  const ours = file.kind === "code" || file.kind === "security" || (file.kind === undefined && !isTest(file));
  return ours && testPlanFor(file.path) !== undefined;
}

/** Rust's unit tests stand in the file that they test. */
export function isTest(file: ChangedFile): boolean {
  if (file.kind === undefined) return /(?:^|[/._-])(?:tests?|specs?)(?:[/._-]|$)/i.test(file.path);
  return (
    file.kind === "test" || (file.path.endsWith(".rs") && file.functions.some((name) => /\bmod tests?\b/.test(name)))
  );
}
