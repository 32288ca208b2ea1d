import type { DataOf } from "@contextpilot/events";
import { changeKindOf } from "./change-type.ts";
import { classifyFile } from "./classify-file.ts";
import { impactOf } from "./impact.ts";

type Commit = DataOf<"git.commit.v1">;
type Measurement = DataOf<"context.update.v1">;
type MeasuredChange = Measurement["changes"][number];

const SUBJECT_CHARACTERS = 200;

/**
 * Measures a commit: the kind of each listed file, its change type, its impact. A commit that names only its paths is
 * measured by them; totals that are smaller than what is listed give way to it.
 */
export function measure(commit: Commit): Measurement {
  const changes = commit.changes.map(measuredChange);
  const files = changes.length > 0 ? changes : commit.files_changed.map(pathOnly);
  const listed = {
    added: sum(changes, (each) => each.lines_added),
    removed: sum(changes, (each) => each.lines_removed),
  };
  const lines_added = Math.max(commit.lines_added, listed.added);
  const lines_removed = Math.max(commit.lines_removed, listed.removed);
  const files_total = Math.max(commit.files_total, commit.files_changed.length, files.length);

  return {
    repository: commit.repository,
    branch: commit.branch,
    commit_hash: commit.commit_hash,
    author_id: commit.author_id,
    ...(commit.committed_at !== undefined && { committed_at: commit.committed_at }),
    subject: subjectOf(commit.message),
    files_changed: commit.files_changed,
    changes,
    files_total,
    lines_added,
    lines_removed,
    // What a merge brings was measured commit by commit: it would count twice.
    impact_score: commit.is_merge
      ? 0
      : impactOf(
          files.map((file) => ({ kind: file.kind, lines: file.lines_added + file.lines_removed })),
          {
            files: files_total - files.length,
            lines: lines_added - listed.added + (lines_removed - listed.removed),
          },
        ),
    ...changeKindOf({ message: commit.message, files, lines_added, lines_removed, is_merge: commit.is_merge }),
    is_merge: commit.is_merge,
    origin: commit.origin,
    ...(commit.proposal_id !== undefined && { proposal_id: commit.proposal_id }),
  };
}

/** Field by field: a later version's unknown fields are kept on reading, and refused on writing. */
function measuredChange(change: Commit["changes"][number]): MeasuredChange {
  const { path, previous_path, status, lines_added, lines_removed, binary, lines_total, indentation_complexity } =
    change;
  return {
    path,
    ...(previous_path !== undefined && { previous_path }),
    status,
    lines_added,
    lines_removed,
    binary,
    ...(lines_total !== undefined && { lines_total }),
    ...(indentation_complexity !== undefined && { indentation_complexity }),
    functions: change.functions,
    kind: classifyFile(path, binary),
  };
}

function pathOnly(path: string) {
  return { kind: classifyFile(path), lines_added: 0, lines_removed: 0 };
}

function subjectOf(message: string): string {
  const [first = ""] = message.trimStart().slice(0, SUBJECT_CHARACTERS).split("\n", 1);
  // A cut may have split a character in two.
  return first.trim().toWellFormed();
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
