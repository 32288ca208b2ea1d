import { gitCommit, type DataOf, type Draft } from "@contextpilot/events";

type Commit = DataOf<"git.commit.v1">;

/** A file's change, as far as a test cares. */
export function changeOf(over: Partial<Commit["changes"][number]>): Commit["changes"][number] {
  return {
    path: "src/index.ts",
    status: "modified",
    lines_added: 0,
    lines_removed: 0,
    binary: false,
    functions: [],
    ...over,
  };
}

/** What git.commit.v1 says, as far as a test cares; the paths are those of the changes. */
export function commitOf(over: Partial<Commit>): Commit {
  return gitCommit({
    repository: "shop",
    branch: "main",
    commit_hash: "def456",
    parent_hashes: [],
    author_id: "ada",
    message: "Work",
    files_changed: over.changes?.map((change) => change.path) ?? [],
    changes: [],
    files_total: 0,
    lines_added: 0,
    lines_removed: 0,
    changes_truncated: false,
    is_merge: false,
    forced: false,
    origin: "push",
    new_to_repository: true,
    default_branch: true,
    ...over,
  }).data;
}

/** The commit as git-agent says it. */
export function commitDraft(over: Partial<Commit> = {}): Draft<"git.commit.v1", Commit> {
  const data = commitOf(over);
  return gitCommit(data, { key: [data.repository, data.branch, data.commit_hash] });
}
