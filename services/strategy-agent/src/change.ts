import type { DataOf, FileKind } from "@contextpilot/events";

/** One file of a commit, as far as its history is followed. */
export interface ChangedFile {
  readonly path: string;
  /** Where its history stands, if it was moved. */
  readonly previousPath: string | undefined;
  /** Absent where the new version was not read. */
  readonly measure: { readonly lines: number; readonly complexity: number } | undefined;
}

/** A commit, as far as the histories of files go. */
export interface Change {
  /** Absent where it is not known. */
  readonly author: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** It touched so many files that it says nothing of any one. */
  readonly sweeping: boolean;
  /** Each path once. */
  readonly files: readonly ChangedFile[];
}

/** Hand-written code; what else changes with it is no reason to write it anew. */
const FOLLOWED: ReadonlySet<FileKind> = new Set<FileKind>(["code", "security"]);
/** A commit over more files is a merge by other means: formatting, a licence header, a first import. */
const SWEEPING_FILES = 30;
/** As JSON. With 500 of them a repository's document stays far below Firestore's 1 MiB. */
const PATH_BYTES = 256;
const AUTHOR_CHARACTERS = 64;

/** What a measured commit adds to the histories. A deletion adds nothing; a time ahead of `now` is taken for now. */
export function changeOf(update: DataOf<"context.update.v1">, now: Date): Change {
  const files = update.changes.filter(
    ({ kind, status, path }) => FOLLOWED.has(kind) && status !== "deleted" && jsonBytes(path) <= PATH_BYTES,
  );
  const known = update.author_id !== "unknown" && update.author_id.length <= AUTHOR_CHARACTERS;
  return {
    author: known ? update.author_id : undefined,
    at: timeOf(update.committed_at, now.getTime()),
    sweeping: Math.max(update.files_total, update.files_changed.length, update.changes.length) > SWEEPING_FILES,
    files: [...new Map(files.map((file) => [file.path, changedFile(file)])).values()],
  };
}

function changedFile(file: DataOf<"context.update.v1">["changes"][number]): ChangedFile {
  const { path, previous_path, status, lines_total: lines, indentation_complexity: complexity } = file;
  return {
    path,
    previousPath: status === "renamed" ? previous_path : undefined,
    measure: lines === undefined || complexity === undefined ? undefined : { lines, complexity },
  };
}

function timeOf(committedAt: string | undefined, now: number): number {
  const time = Date.parse(committedAt ?? "");
  return Number.isNaN(time) ? now : Math.min(Math.max(0, time), now);
}

const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
