import { collection } from "@contextpilot/messaging";
import { z } from "zod";
import { SECTIONS } from "./sections.ts";

/** What is said at once of a repository; a push of more says the newest. */
export const MOST_LINES = 100;

const line = z.object({
  section: z.enum(SECTIONS),
  text: z.string(),
  commit_hash: z.string(),
  author_id: z.string(),
  /** It stands in the open proposal. */
  proposed: z.boolean().default(false),
});

/** A line that a changelog should have, and the commit that gave it. */
export type Line = z.output<typeof line>;

/** What a repository's changelog does not say yet, and the proposal that would make it say so. */
export const changelogs = collection(
  "changelogs",
  z.object({
    /** The oldest first. */
    lines: z.array(line).default([]),
    /** The proposal that was said last. It is over once the changelog has all its lines. */
    open: z.object({ proposal_id: z.string(), revision: z.int(), patch_sha256: z.string() }).optional(),
  }),
);
