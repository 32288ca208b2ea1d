import { gitCommit, type DataOf } from "@contextpilot/events";
import type { Told } from "@contextpilot/testing";

export type Commit = DataOf<"git.commit.v1">;

/** A commit to the shop's default branch, as far as a test cares; without documents, as all but the last of a push. */
export function commitOf(over: Partial<Commit> = {}): Commit {
  return {
    repository: "shop",
    branch: "main",
    commit_hash: "a".repeat(40),
    parent_hashes: [],
    author_id: "ada",
    message: "feat: pay in instalments",
    files_changed: ["src/pay.ts"],
    changes: [],
    files_total: 1,
    lines_added: 1,
    lines_removed: 0,
    changes_truncated: false,
    is_merge: false,
    forced: false,
    origin: "push",
    new_to_repository: true,
    default_branch: true,
    ...over,
  };
}

/** The changelog that a push's last commit brings. */
export function documentsOf(text: string, path = "CHANGELOG.md"): NonNullable<Commit["documents"]> {
  return [{ path, blob_hash: "b".repeat(40), text, truncated: false }];
}

/** The same, as git-agent says it. */
export function committed(at: string, over: Partial<Commit> = {}): Told {
  const data = commitOf(over);
  return { at, draft: gitCommit(data, { key: [data.repository, data.branch, data.commit_hash] }) };
}
