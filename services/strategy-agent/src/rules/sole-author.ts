import { shareOfOthers, type Author } from "../authors.ts";
import type { Finding } from "../finding.ts";
import type { FollowedFile } from "../followed-files.ts";
import { percent, shown } from "../wording.ts";

export const SOLE_CHANGES = 10;
export const SOLE_LINES = 100;
/** Where one person does nearly everything, that nobody else knows a file is no news. */
export const OTHERS_SHARE = 0.25;

/** A file of some size that one person alone has changed, in a repository where others work too. */
export function soleAuthor(file: FollowedFile, authors: readonly Author[], now: number): Finding | undefined {
  const { author, changes, lines, told } = file;
  if (author === undefined || told.includes("sole-author") || changes < SOLE_CHANGES || lines < SOLE_LINES)
    return undefined;
  const others = shareOfOthers(authors, author, now);
  if (others < OTHERS_SHARE) return undefined;
  return {
    rule: "sole-author",
    severity: "low",
    title: `${shown(file.path, 60)} is known to one person only: all ${changes} changes are theirs`,
    about: [file],
    evidence: { changes, threshold: SOLE_CHANGES, lines, others_percent: percent(others) },
    strength: changes / SOLE_CHANGES,
  };
}
