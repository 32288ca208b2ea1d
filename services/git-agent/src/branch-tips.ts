import { collection } from "@contextpilot/messaging";
import { z } from "zod";
import { isZeroHash } from "./object-hash.ts";

/** Branches remembered of a repository: those pushed last. One forgotten may bring its commits as new once more. */
export const REMEMBERED_BRANCHES = 2000;

const schema = z.object({ branches: z.record(z.string(), z.string()).default({}) });

/** Where a repository's branches stood after the last push that was read: by ref, the one pushed last at the end. */
export type BranchTips = z.output<typeof schema>;

export const branchTips = collection("tips", schema);

/** The tips of all other branches: what they reach is not new to the repository. */
export function otherTips({ branches }: BranchTips, ref: string): readonly string[] {
  const others = Object.entries(branches).flatMap(([branch, tip]) => (branch === ref ? [] : [tip]));
  return [...new Set(others)];
}

/** The tips after a push: the branch stands at `after`, or is gone. */
export function movedTo({ branches }: BranchTips, ref: string, after: string): BranchTips {
  const others = Object.entries(branches).filter(([branch]) => branch !== ref);
  const moved = isZeroHash(after) ? others : [...others, [ref, after] as const];
  return { branches: Object.fromEntries(moved.slice(-REMEMBERED_BRANCHES)) };
}
