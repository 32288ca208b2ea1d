import type { RawChange, RawCommit } from "./parse-commits.ts";

/** One of a commit's largest changes, and where in the commit's patch it stands (if it was modified or renamed). */
export interface ListedChange extends RawChange {
  readonly patchPosition: number | undefined;
}

/** A commit with exact totals over all its files, and of the files only the largest changes. */
export interface MeasuredCommit extends Omit<RawCommit, "changes"> {
  readonly listed: readonly ListedChange[];
  readonly filesTotal: number;
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

export const LISTED_CHANGES = 1000;

/** Adds up all changes and keeps the largest: by lines added and removed, of equals by path; at most 1,000. */
export function measuredCommit({ changes, ...header }: RawCommit): MeasuredCommit {
  let patches = 0;
  let linesAdded = 0;
  let linesRemoved = 0;
  const positioned = changes.map((change) => {
    linesAdded += change.linesAdded;
    linesRemoved += change.linesRemoved;
    return { ...change, patchPosition: isPatched(change) ? patches++ : undefined };
  });
  const listed = positioned.sort(bySizeThenPath).slice(0, LISTED_CHANGES);
  return { ...header, listed, filesTotal: changes.length, linesAdded, linesRemoved };
}

/** Whether the patch run (`--diff-filter=MR`) shows the file: what was added or deleted has no function around it. */
function isPatched(change: RawChange): boolean {
  return change.status === "M" || change.status === "R";
}

const SUBMODULE_MODE = "160000";

/** Whether there is a new version to measure: no deletion, no submodule, nothing binary. */
export function hasText(change: RawChange): boolean {
  return !change.binary && change.status !== "D" && change.mode !== SUBMODULE_MODE;
}

function bySizeThenPath(a: RawChange, b: RawChange): number {
  const difference = b.linesAdded + b.linesRemoved - (a.linesAdded + a.linesRemoved);
  return difference || (a.path < b.path ? -1 : Number(a.path > b.path));
}
