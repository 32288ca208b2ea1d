import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  coachNudge,
  createEvent,
  gitCommit,
  gitPush,
  type DataOf,
  type Draft,
  type Envelope,
  type Origin,
} from "@contextpilot/events";

export const A = "a".repeat(40);
export const B = "b".repeat(40);

/** A folder for one test's files, and its removal. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "dashboard-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** An event with the id given, said at noon unless `origin` says otherwise. */
export function said(event_id: string, draft: Draft, origin: Partial<Origin> = {}): Envelope {
  return createEvent(draft, { event_id, source: "test", timestamp: "2026-03-02T12:00:00.000Z", ...origin });
}

export const push = (): Draft =>
  gitPush({ repository: "shop", ref: "refs/heads/main", before: A, after: B, forced: false });

export const commit = (message = "Add a cart"): Draft =>
  gitCommit({
    repository: "shop",
    branch: "main",
    commit_hash: B,
    parent_hashes: [A],
    author_id: "ada",
    message,
    files_changed: [],
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
  });

const nudgeData: DataOf<"coach.nudge.v1"> = {
  nudge_id: "n1",
  rule: "code-without-test",
  repository: "shop",
  title: "Test the cart",
  why_now: "It grew by 150 lines",
  next_actions: ["Open cart.ts", "Write cart.test.ts"],
  eta_minutes: 15,
  priority: "normal",
  links: [],
  related_events: [],
};
export const nudge = (person?: string): Draft => coachNudge(nudgeData, person === undefined ? {} : { user_id: person });
