import { authorId } from "./author-id.ts";
import type { TextMeasure } from "./measure-text.ts";
import { hasText, type ListedChange, type MeasuredCommit } from "./measured-commit.ts";
import { pathText } from "./path-text.ts";

/** What git.commit.v1 says of one changed file, as it goes on the wire. */
export interface FileChange {
  /** As pathText gives it. */
  path: string;
  /** Where the file was before a rename. */
  previous_path?: string;
  status: "added" | "modified" | "deleted" | "renamed" | "copied" | "type-changed";
  /** As `git show --numstat` counts; 0 for a binary file. */
  lines_added: number;
  lines_removed: number;
  binary: boolean;
  /** Of the new version; absent where that was not read: deleted, binary, a submodule, over 1 MiB, over 16 MiB a commit. */
  lines_total?: number;
  /** Of the new version, see measureText; absent as lines_total is. */
  indentation_complexity?: number;
  /** From the hunk headers of a modified or renamed file, at most 20. */
  functions: string[];
}

/** What git.commit.v1 says of a commit, as far as the commit alone tells it. */
export interface CommitFacts {
  commit_hash: string;
  parent_hashes: string[];
  author_id: string;
  /** The committer's date, UTC, ISO 8601. */
  committed_at: string;
  /** As UTF-8, what is not becomes U+FFFD; at most 16 KiB of it. */
  message: string;
  /** More than one parent; all changes are against the first. */
  is_merge: boolean;
  /** The paths of `changes`. */
  files_changed: string[];
  /** The largest changes first: at most 1,000, and 200 KiB of JSON together with `files_changed`. */
  changes: FileChange[];
  /** Whether files are missing in `changes`. The three totals are exact all the same. */
  changes_truncated: boolean;
  files_total: number;
  lines_added: number;
  lines_removed: number;
}

const CHANGES_JSON_BYTES = 200 * 1024;
const MESSAGE_BYTES = 16 * 1024;

/** What else was found out about a commit's files. */
export interface FileDetails {
  /** By blob. */
  readonly measures: ReadonlyMap<string, TextMeasure>;
  /** By the file's position in the commit's patch. */
  readonly functions: readonly (readonly string[])[];
}

/** Puts together what goes on the wire. */
export function commitFacts(commit: MeasuredCommit, details: FileDetails, authorKey: string): CommitFacts {
  const changes = fitting(commit.listed.map((change) => fileChange(change, details)));
  return {
    commit_hash: commit.hash,
    parent_hashes: [...commit.parents],
    author_id: authorId(authorKey, commit.email),
    committed_at: isoTime(commit.committedAt),
    message: cutText(commit.message.toString().trimEnd(), MESSAGE_BYTES),
    is_merge: commit.parents.length > 1,
    files_changed: changes.map((change) => change.path),
    changes,
    changes_truncated: changes.length < commit.filesTotal,
    files_total: commit.filesTotal,
    lines_added: commit.linesAdded,
    lines_removed: commit.linesRemoved,
  };
}

const STATUSES: Readonly<Record<string, FileChange["status"]>> = {
  A: "added",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "type-changed",
};

function fileChange(change: ListedChange, { measures, functions }: FileDetails): FileChange {
  const measure = hasText(change) ? measures.get(change.blob) : undefined;
  return {
    path: pathText(Buffer.from(change.path, "latin1")),
    ...(change.previousPath !== undefined && { previous_path: pathText(Buffer.from(change.previousPath, "latin1")) }),
    status: STATUSES[change.status] ?? "modified",
    lines_added: change.linesAdded,
    lines_removed: change.linesRemoved,
    binary: change.binary,
    ...(measure && {
      lines_total: measure.linesTotal,
      indentation_complexity: measure.indentationComplexity,
    }),
    functions: [...(functions[change.patchPosition ?? -1] ?? [])],
  };
}

/** As many changes as fit, in their order; then the names of functions as far as there is room left. */
function fitting(changes: readonly FileChange[]): FileChange[] {
  let room = CHANGES_JSON_BYTES;
  const listed: FileChange[] = [];
  for (const change of changes) {
    room -= jsonBytes({ ...change, functions: [] }) + jsonBytes(change.path) + 2; // a comma in each of the two lists
    if (room < 0) return listed.map((each) => ({ ...each, functions: [] }));
    listed.push(change);
  }
  return listed.map((change) => {
    room -= jsonBytes(change.functions);
    return room < 0 ? { ...change, functions: [] } : change;
  });
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** At most so many bytes of UTF-8, never half a character. */
function cutText(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(encoded.subarray(0, bytes), { stream: true });
}

const LAST_SECOND = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

/** A commit may carry any number for its date: what ISO 8601's four-digit years cannot say becomes the nearest it can. */
function isoTime(seconds: number): string {
  const sane = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LAST_SECOND) : 0;
  return new Date(sane * 1000).toISOString();
}
