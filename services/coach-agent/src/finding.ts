import { derivedId, type Priority } from "@contextpilot/events";
import type { Change, ChangedFile } from "./change.ts";

export type RuleName = "high-impact" | "risky-place" | "code-without-test";

/** What a rule has found in a commit, and what it advises. */
export interface Finding {
  readonly rule: RuleName;
  /** The file it is about. */
  readonly file: ChangedFile;
  readonly priority: Priority;
  /** With the path as it fits in. */
  title(place: string): string;
  /** Why it is worth a few minutes now; a sentence. */
  readonly reason: string;
  /** The best advice first. */
  readonly actions: readonly [string, string];
}

/** A rule looks at one commit and at nothing else. */
export type Rule = (change: Change) => Finding | undefined;

/** What makes two findings the same for a person: rule, repository and files, whatever the commit. */
export function findingId(rule: string, repository: string, ...files: readonly string[]): string {
  return derivedId(rule, repository, ...files);
}
