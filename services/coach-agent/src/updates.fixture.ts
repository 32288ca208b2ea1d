import { contextUpdate, type DataOf, type Draft } from "@contextpilot/events";

export type Update = DataOf<"context.update.v1">;
type FileChange = Update["changes"][number];

/** A changed file, as far as a test cares: of `src/cart.ts`, modified. */
export function fileOf(over: Partial<FileChange> = {}): FileChange {
  return {
    path: "src/cart.ts",
    kind: "code",
    status: "modified",
    lines_added: 0,
    lines_removed: 0,
    binary: false,
    functions: [],
    ...over,
  };
}

/** A commit's measure, as far as a test cares; paths and totals are those of its changes. */
export function updateOf(over: Partial<Update> = {}): Update {
  const changes = over.changes ?? [];
  return {
    repository: "shop",
    branch: "main",
    commit_hash: "def4567890abcdef4567890abcdef4567890abcd",
    author_id: "ada",
    subject: "Work",
    files_changed: changes.map((change) => change.path),
    changes,
    files_total: changes.length,
    lines_added: changes.reduce((sum, change) => sum + change.lines_added, 0),
    lines_removed: changes.reduce((sum, change) => sum + change.lines_removed, 0),
    impact_score: 3,
    change_type: "feat",
    breaking: false,
    is_merge: false,
    origin: "push",
    ...over,
  };
}

/** The same, as context-agent says it. */
export function updateDraft(over: Partial<Update> = {}): Draft<"context.update.v1", Update> {
  const data = updateOf(over);
  return contextUpdate(data, { key: [data.repository, data.commit_hash] });
}
