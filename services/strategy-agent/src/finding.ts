import type { Severity } from "@contextpilot/events";
import type { FollowedFile } from "./followed-files.ts";

export type RuleName = "hotspot" | "coupling" | "sole-author";

/** What a rule has found in a repository's history. */
export interface Finding {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly title: string;
  /** One file, or the two of a pair. */
  readonly about: readonly FollowedFile[];
  /** The numbers that it rests on; docs/insights.md explains them. */
  readonly evidence: Readonly<Record<string, number>>;
  /** How far beyond its threshold it is: 1 is at it. */
  readonly strength: number;
}
