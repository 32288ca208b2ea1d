import { collection } from "@contextpilot/messaging";
import * as z from "zod";
import { SECTIONS } from "./sections.ts";

/** What is proposed at once of a repository, the newest; nobody reads more before they apply it. */
export const MOST_LINES = 20;

const line = z.object({
  section: z.enum(SECTIONS),
  text: z.string(),
  commit_hash: z.string(),
  author_id: z.string(),
  /** The day (UTC) on which it was committed, where it came with the first push of a whole branch. */
  since: z.string().optional(),
  /** It stands in the open proposal. */
  proposed: z.boolean().default(false),
});

/** A line that a changelog should have, and the commit that gave it. */
export type Line = z.output<typeof line>;

const known = z.object({
  /** The oldest first. */
  lines: z.array(line).default([]),
  /** How many older ones had no room. */
  left_out: z.int().default(0),
  /** The push that is being heard began with a commit without parents: it brings a whole branch, however old. */
  whole_branch: z.boolean().default(false),
  /** The newest release of the page when it was last read. */
  release: z.string().optional(),
  /** The proposal that was said last. It is over once the changelog has all its lines. */
  open: z.object({ proposal_id: z.string(), revision: z.int(), patch_sha256: z.string() }).optional(),
});

/** What a repository's changelog does not say yet, and the proposal that would make it say so. */
export type KnownChangelog = z.output<typeof known>;

export const changelogs = collection("changelogs", known);
export const NOTHING_KNOWN = known.parse({});
