import { createEvent, gitCommit, gitPush, type Envelope } from "@contextpilot/events";

/** A real push, for git-agent to fetch. */
export interface SmokePush {
  readonly repository: string;
  /** In full, 40 or 64 hex digits. */
  readonly before: string;
  readonly after: string;
}

/** As many new lines as no coach lets pass without a test. */
const LINES = 120;
const SOURCE = "smoke";

/**
 * A commit that nobody made, of a repository and by an author that nobody knows: no pace and no place is taken yet, and its new code
 * without a test is worth a nudge.
 */
export function commitOf(tenant_id: string, now: Date): Envelope {
  const run = crypto.randomUUID();
  const draft = gitCommit({
    repository: `smoke/${run}`,
    branch: "smoke",
    commit_hash: run.replaceAll("-", "").padEnd(40, "0"),
    parent_hashes: [],
    author_id: `smoke-${run}`,
    committed_at: now.toISOString(),
    message: "feat: say that the house is well",
    files_changed: ["src/well.ts"],
    changes: [
      {
        path: "src/well.ts",
        status: "added",
        lines_added: LINES,
        lines_removed: 0,
        binary: false,
        lines_total: LINES,
        functions: [],
      },
    ],
    files_total: 1,
    lines_added: LINES,
    lines_removed: 0,
    changes_truncated: false,
    is_merge: false,
    forced: false,
    origin: "push",
    new_to_repository: true,
    // Or spec-agent would look for what to propose.
    default_branch: false,
  });
  return createEvent(draft, { source: SOURCE, timestamp: now.toISOString(), tenant_id });
}

/**
 * A push in a tenant that is this run's alone: there its commits are new and their authors have heard nothing yet, however often
 * it is said. Under a random id and not its natural key, for the same reason.
 */
export function pushOf({ repository, before, after }: SmokePush, tenant: string, now: Date): Envelope {
  const draft = gitPush({ repository, ref: "refs/heads/smoke", before, after, forced: false });
  const tenant_id = `${tenant}-${crypto.randomUUID().slice(0, 8)}`;
  return createEvent(draft, { source: SOURCE, timestamp: now.toISOString(), tenant_id });
}
