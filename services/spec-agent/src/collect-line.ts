import type { DataOf } from "@contextpilot/events";
import type { Worth } from "./changelog-entry.ts";
import { MOST_LINES, type KnownChangelog, type Line } from "./changelogs.ts";
import { saysTheSame } from "./sections.ts";

type Commit = DataOf<"git.commit.v1">;

/**
 * What is known after one commit more: with its line, where it deserves one that is not there yet. The default branch has a line
 * since it was heard of; what comes with the first push of a whole branch, since it was committed.
 */
export function withLineOf(known: KnownChangelog, commit: Commit, worth: Worth, now: Date): KnownChangelog {
  const whole_branch = known.whole_branch || commit.parent_hashes.length === 0;
  if ("none" in worth) return { ...known, whole_branch };
  const { section, text } = worth.entry;
  if (known.lines.some((line) => saysTheSame(line.text, text))) return { ...known, whole_branch };
  const { commit_hash, author_id, committed_at } = commit;
  const since = dayOf((whole_branch ? committed_at : undefined) ?? now.toISOString());
  const lines = [...known.lines, { section, text, commit_hash, author_id, since, proposed: false }];
  const left_out = known.left_out + Math.max(0, lines.length - MOST_LINES);
  return { ...known, lines: lines.slice(-MOST_LINES), left_out, whole_branch };
}

/** Without what the newest release has: the lines that the default branch had before its day. */
export function afterRelease(lines: readonly Line[], releasedOn: string | undefined): Line[] {
  return lines.filter(({ since }) => since === undefined || releasedOn === undefined || since >= releasedOn);
}

/** The UTC day; undefined for what is no time. */
function dayOf(time: string): string | undefined {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 10);
}
