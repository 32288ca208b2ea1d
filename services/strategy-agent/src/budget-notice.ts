import { derivedId, strategyInsight, type DataOf, type Draft } from "@contextpilot/events";
import { SAID_AN_HOUR, type Budget } from "./budget.ts";
import { shown } from "./wording.ts";

/** strategy.insight.v1 takes so many. */
const FILES_NAMED = 30;

/**
 * Says once an hour that a repository's findings of that hour are told, and that there are more.
 *
 * @param paths the files of those that had no room, one at least; they are told when these change next
 */
export function budgetNotice(
  paths: readonly string[],
  { hour }: Budget,
  { repository, commit_hash, author_id }: DataOf<"context.update.v1">,
): Draft<"strategy.insight.v1", DataOf<"strategy.insight.v1">> {
  const insight_id = derivedId("insight", "budget", repository, String(hour));
  return strategyInsight(
    {
      insight_id,
      rule: "budget",
      repository,
      title: `${SAID_AN_HOUR} findings in ${shown(repository, 30)} this hour are enough: more when their files change next`,
      files: paths.slice(0, FILES_NAMED),
      evidence: { budget: SAID_AN_HOUR, hour: hour % 24, left_out: paths.length },
      severity: "low",
      commit_hash,
    },
    { key: [insight_id], user_id: author_id },
  );
}
