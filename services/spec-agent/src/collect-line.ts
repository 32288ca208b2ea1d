import type { DataOf } from "@contextpilot/events";
import type { Worth } from "./changelog-entry.ts";
import { MOST_LINES, type KnownChangelog, type Line } from "./changelogs.ts";
import type { Release } from "./read-changelog.ts";
import { saysTheSame } from "./sections.ts";

type Commit = DataOf<"git.commit.v1">;

/** What is known after one commit more: with its line, where it deserves one that is not there yet. */
export function withLineOf(known: KnownChangelog, commit: Commit, worth: Worth): KnownChangelog {
  const whole_branch = known.whole_branch || (commit.origin === "push" && commit.parent_hashes.length === 0);
  if ("none" in worth) return { ...known, whole_branch };
  const { section, text } = worth.entry;
  if (known.lines.some((line) => saysTheSame(line.text, text))) return { ...known, whole_branch };
  const { commit_hash, author_id, committed_at } = commit;
  const since = whole_branch ? dayOf(committed_at) : undefined;
  const lines = [...known.lines, { section, text, commit_hash, author_id, since, proposed: false }];
  const left_out = known.left_out + Math.max(0, lines.length - MOST_LINES);
  return { ...known, lines: lines.slice(-MOST_LINES), left_out, whole_branch };
}

/**
 * Without what is released, with its line or without: what was proposed before the release stood in the page; of a whole branch,
 * which nobody heard of before, what was committed before the release's day.
 */
export function unreleased({ lines, release: before }: KnownChangelog, release: Release | undefined): Line[] {
  const isNew = before !== undefined && release !== undefined && release.name !== before;
  return lines.filter(({ proposed, since }) => {
    const isOlder = since !== undefined && release?.day !== undefined && since < release.day;
    return !isOlder && !(isNew && proposed);
  });
}

/** The UTC day; undefined for what is no time. */
function dayOf(time = ""): string | undefined {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 10);
}
