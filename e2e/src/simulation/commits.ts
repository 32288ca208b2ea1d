import { createEvent, gitCommit, type Envelope } from "@contextpilot/events";
import { POISON } from "../checker/witnesses.ts";
import { seededRandom } from "../seeded-random.ts";
import type { Plan } from "./plan.ts";

/** What the developers push: some of it expires soon, some cannot be handled at first. The same seed, the same commits. */
export function commitsOf({ seed, commits }: Pick<Plan, "seed" | "commits">): readonly Envelope[] {
  const random = seededRandom(seed ^ 0x9e3779b9);
  return Array.from({ length: commits }, (_, number) => commitOf(number, random));
}

function commitOf(number: number, random: () => number): Envelope {
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const repository = random() < 0.5 ? "shop" : "store";
  const commit_hash = number.toString(16).padStart(40, "0");
  const path = `src/part-${upTo(5)}.ts`;
  const lines = { lines_added: upTo(400), lines_removed: upTo(50) };
  const change = { path, status: "modified", ...lines, binary: false, lines_total: 900, indentation_complexity: 4000 };
  const read = gitCommit.read({
    repository,
    branch: "main",
    commit_hash,
    author_id: `author-${upTo(3)}`,
    message: `${random() < 0.05 ? POISON : "feat"}: change ${number}`,
    files_changed: [path],
    changes: [change],
    files_total: 1,
    ...lines,
    default_branch: true,
    documents: [],
  });
  if (!read.ok) throw new TypeError(`${read.path}: ${read.problem}`);
  const expiring = random() < 0.1 ? { ttl_seconds: 30 } : {};
  const draft = gitCommit(read.value, { key: [repository, "main", commit_hash], ...expiring });
  return createEvent(draft, { source: "git-agent", timestamp: "2026-03-02T09:00:00.000Z" });
}
