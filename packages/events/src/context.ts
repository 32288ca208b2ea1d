import * as z from "zod";
import { defineEvent } from "./define-event.ts";
import { fileChangeShape } from "./git.ts";

/** The types of Conventional Commits in common use; every change has one of them. */
export const CHANGE_TYPES = [
  "feat",
  "fix",
  "perf",
  "refactor",
  "docs",
  "test",
  "build",
  "ci",
  "style",
  "chore",
  "revert",
] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** What a file is for, the riskiest first; context-agent's classify-file.ts says which path is which. */
export const FILE_KINDS = [
  "migration",
  "security",
  "dependencies",
  "ci",
  "test",
  "docs",
  "generated",
  "config",
  "code",
  "asset",
] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** A commit, measured: once, on the first branch that brings it. Natural key: repository, hash. */
export const contextUpdate = defineEvent("context.update.v1", (object) =>
  object({
    repository: z.string().min(1).max(256).default("default"),
    branch: z.string().min(1).max(1024).default("main"),
    commit_hash: z.string().min(1).max(64),
    author_id: z.string().min(1).max(256).default("unknown"),
    committed_at: z.string().optional(),
    /** The message's first line. */
    subject: z.string().default(""),
    files_changed: z.array(z.string()),
    /** The listed files of the commit, each with its kind. */
    changes: z
      .array(object({ ...fileChangeShape, kind: z.enum(FILE_KINDS) }))
      .max(1000)
      .default([]),
    files_total: z.int().min(0).default(0),
    lines_added: z.int().min(0),
    lines_removed: z.int().min(0),
    /** 0-10, one decimal: docs/impact-score.md has the formula. */
    impact_score: z.number().min(0).max(10),
    change_type: z.enum(CHANGE_TYPES),
    breaking: z.boolean().default(false),
    is_merge: z.boolean().default(false),
    origin: z.enum(["push", "import"]).default("push"),
    /** The proposal whose approval made this commit. */
    proposal_id: z.string().optional(),
  }),
);
