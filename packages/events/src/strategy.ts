import * as z from "zod";
import { defineEvent } from "./define-event.ts";

export const SEVERITIES = ["low", "medium", "high"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * What the history of a repository shows: said when a finding crosses its rule's threshold, not with every commit after that.
 * docs/insights.md has the rules and the numbers of each. Natural key: its insight_id.
 */
export const strategyInsight = defineEvent("strategy.insight.v1", (object) =>
  object({
    insight_id: z.string().min(1).max(128),
    /** The rule that found it, as `hotspot`. */
    rule: z.string().min(1).max(64),
    repository: z.string().min(1).max(256).default("default"),
    title: z.string().min(1).max(120),
    /** What it is about, the most telling first. */
    files: z.array(z.string().min(1)).min(1).max(30),
    /** The numbers that it rests on, by name. */
    evidence: z.record(z.string(), z.number()),
    severity: z.enum(SEVERITIES).default("medium"),
    /** The commit with which it crossed the threshold. */
    commit_hash: z.string().min(1).max(64),
  }),
);
