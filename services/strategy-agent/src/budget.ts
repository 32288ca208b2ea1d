import * as z from "zod";
import type { Finding } from "./finding.ts";
import type { FollowedFile } from "./followed-files.ts";

const HOUR_MS = 3_600_000;
/** Insights and proposals of a repository in an hour of the clock (UTC): one each five minutes, more nobody reads beside their work. */
export const SAID_AN_HOUR = 12;

export const budgetSchema = z.object({
  /** Counted from 1970 on. */
  hour: z.int(),
  spent: z.int(),
  /** It was said that the hour's are spent. */
  noticed: z.boolean(),
});
export type Budget = z.output<typeof budgetSchema>;

export const UNSPENT: Budget = { hour: 0, spent: 0, noticed: false };

/** The budget as it stands in this hour: what an earlier hour spent is no more. */
export function budgetAt(budget: Budget, now: Date): Budget {
  const hour = Math.floor(now.getTime() / HOUR_MS);
  return budget.hour >= hour ? budget : { ...UNSPENT, hour };
}

interface Fitted {
  readonly findings: readonly Finding[];
  readonly refactored: FollowedFile | undefined;
  /** The files of what has no room. */
  readonly leftOut: readonly string[];
}

/**
 * What the hour has room for: the findings first, in their order, then the proposal.
 *
 * @param hottest the file that would be proposed to be taken apart
 */
export function fitted({ spent }: Budget, findings: readonly Finding[], hottest: FollowedFile | undefined): Fitted {
  const room = Math.max(0, SAID_AN_HOUR - spent);
  const isFull = room <= findings.length;
  const about = [...findings.slice(room).flatMap((finding) => finding.about), ...(isFull && hottest ? [hottest] : [])];
  return {
    findings: findings.slice(0, room),
    refactored: isFull ? undefined : hottest,
    leftOut: [...new Set(about.map(({ path }) => path))],
  };
}
