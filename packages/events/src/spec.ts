import * as z from "zod";
import { defineEvent } from "./define-event.ts";
import { CHANGE_STATUSES } from "./git.ts";

/** A commit changed what describes the code: its pages and the changelog. Natural key: repository, hash. */
export const specUpdate = defineEvent("spec.update.v1", (object) =>
  object({
    repository: z.string().min(1).max(256).default("default"),
    branch: z.string().min(1).max(1024).default("main"),
    commit_hash: z.string().min(1).max(64),
    author_id: z.string().min(1).max(256).default("unknown"),
    /** Of the files that context.update lists, those of kind docs. */
    documents: z
      .array(
        object({
          path: z.string().min(1),
          /** Where it was before a rename or copy. */
          previous_path: z.string().min(1).optional(),
          status: z.enum(CHANGE_STATUSES),
          lines_added: z.int().min(0),
          lines_removed: z.int().min(0),
        }),
      )
      .min(1)
      .max(1000),
  }),
);
