import { weightAt } from "../decay.ts";
import type { Finding } from "../finding.ts";
import type { FollowedFile } from "../followed-files.ts";
import { oneDecimal, shown } from "../wording.ts";

/** The scores from which a file is a hotspot, and from which it is worth taking apart. */
export const SCORES = { hotspot: 2000, refactor: 8000 } as const;
/** Fewer recent changes make no hotspot, however deep the file: nobody works there. */
export const RECENT_CHANGES = 4;
/** Declarations and markup nest, and decide nothing: their indentation is no complexity. */
const WITHOUT_LOGIC = /\.(?:d\.[cm]?ts|pyi|html?|s?css|less|svg)$/i;
/** Of a threshold, how far the score must have fallen before it can be crossed again. */
const AGAIN_BELOW = 0.5;

/**
 * Recent changes times complexity: what is hard to read costs the more, the more often it is read. After A. Tornhill, "Your
 * Code as a Crime Scene" (2015), with changes that fade and indentation for complexity (see git-agent's measureText).
 */
export function scoreOf(file: FollowedFile, now: number): number {
  return weightAt(file, now) * file.complexity;
}

export function isOver(mark: keyof typeof SCORES, file: FollowedFile, now: number): boolean {
  if (WITHOUT_LOGIC.test(file.path)) return false;
  return scoreOf(file, now) >= SCORES[mark] && weightAt(file, now) >= RECENT_CHANGES;
}

/** The file without the marks whose threshold it may cross anew, because it was far below before the change or is after it. */
export function rearmed(after: FollowedFile, before: FollowedFile | undefined, now: number): FollowedFile {
  const low = Math.min(before === undefined ? 0 : scoreOf(before, now), scoreOf(after, now));
  return { ...after, told: after.told.filter((mark) => mark === "sole-author" || low >= SCORES[mark] * AGAIN_BELOW) };
}

/** A file that is deep, and changes often these days. */
export function hotspot(file: FollowedFile, now: number): Finding | undefined {
  if (file.told.includes("hotspot") || !isOver("hotspot", file, now)) return undefined;
  const score = scoreOf(file, now);
  const recent = oneDecimal(weightAt(file, now));
  return {
    rule: "hotspot",
    severity: score >= SCORES.refactor ? "high" : "medium",
    title: `${shown(file.path, 44)} is a hotspot: ${recent} recent changes × ${file.complexity} levels of indentation`,
    about: [file],
    evidence: {
      score: Math.round(score),
      threshold: SCORES.hotspot,
      recent_changes: recent,
      changes: file.changes,
      indentation_complexity: file.complexity,
      lines: file.lines,
    },
    strength: score / SCORES.hotspot,
  };
}
