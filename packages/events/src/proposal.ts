import * as z from "zod";
import { defineEvent, type ObjectSchema } from "./define-event.ts";
import { objectName } from "./git.ts";

/** How much a proposal changes for those who use the code. */
export const PROPOSAL_IMPACTS = ["low", "medium", "high"] as const;

const proposal = (object: ObjectSchema) =>
  object({
    proposal_id: z.string().min(1).max(128),
    /** What kind of change it is: `changelog`, `refactor`. Open, so that a new agent needs no new list. */
    type: z.string().min(1).max(64),
    title: z.string().min(1).max(120),
    /** How many files it changes. */
    files_affected: z.int().min(0),
    impact: z.enum(PROPOSAL_IMPACTS),
    /** The author whose change gave rise to it. */
    user_id: z.string().min(1).max(256).default("unknown"),
    /** Why, in a few sentences. */
    reason: z.string().max(2000).default(""),
    repository: z.string().min(1).max(256).default("default"),
    /** The paths it changes: the first 1,000. */
    files: z.array(z.string().min(1)).max(1000).default([]),
    /** The commit that the patch applies to. */
    base_commit: objectName.optional(),
    /** A unified diff as `git apply` takes it; absent where a person has to do the work. */
    patch: z
      .string()
      .min(1)
      .max(256 * 1024)
      .optional(),
    /** SHA-256 of the patch's UTF-8 bytes, in hex: an approval is bound to it. */
    patch_sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    /** Counts from 1; each proposal.updated is one more. */
    revision: z.int().min(1).default(1),
  });

/** Somebody proposes a change. Natural key: its proposal_id. */
export const proposalCreated = defineEvent("proposal.created.v1", proposal);

/** An open proposal is another one now: all of it, as it is from here on. Natural key: proposal_id and revision. */
export const proposalUpdated = defineEvent("proposal.updated.v1", proposal);
