import { contextUpdate, type DataOf } from "@contextpilot/events";
import type { Told } from "@contextpilot/testing";

export type Update = DataOf<"context.update.v1">;
export type FileChange = Update["changes"][number];

/** A file of 300 lines and 600 levels of indentation, modified: as far as a test cares. */
export function fileOf(path: string, over: Partial<FileChange> = {}): FileChange {
  return {
    path,
    kind: "code",
    status: "modified",
    lines_added: 3,
    lines_removed: 1,
    binary: false,
    lines_total: 300,
    indentation_complexity: 600,
    functions: [],
    ...over,
  };
}

/** A commit's measure, as far as a test cares; paths and totals are those of its changes. */
export function updateOf(changes: readonly FileChange[], over: Partial<Update> = {}): Update {
  return {
    repository: "shop",
    branch: "main",
    commit_hash: "def456",
    author_id: "ada",
    subject: "Work",
    files_changed: changes.map(({ path }) => path),
    changes: [...changes],
    files_total: changes.length,
    lines_added: 3 * changes.length,
    lines_removed: changes.length,
    impact_score: 3,
    change_type: "feat",
    breaking: false,
    is_merge: false,
    origin: "push",
    ...over,
  };
}

/** A commit of these files, measured at this time of the story; its hash is the time. */
export function commit(at: string, files: readonly (string | FileChange)[], over: Partial<Update> = {}): Told {
  const changes = files.map((file) => (typeof file === "string" ? fileOf(file) : file));
  const data = updateOf(changes, { commit_hash: at, ...over });
  return { at, draft: contextUpdate(data, { key: [data.repository, data.commit_hash] }) };
}

/** The same commit so many times, a minute apart from `2026-03-02T10:00` on: the story's day, or another. */
export function commits(
  count: number,
  files: readonly (string | FileChange)[],
  { day = "2026-03-02", ...over }: Partial<Update> & { readonly day?: string } = {},
): Told[] {
  return Array.from({ length: count }, (_, minute) => {
    const at = `${day}T1${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;
    return commit(at, files, over);
  });
}
