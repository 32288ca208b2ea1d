import { derivedId, strategyInsight, type DataOf, type Draft } from "@contextpilot/events";
import type { Finding } from "./finding.ts";

/** The finding as an event, for who made the commit with which it crossed its threshold. */
export function insightEvent(
  { rule, severity, title, about, evidence }: Finding,
  { repository, commit_hash, author_id }: DataOf<"context.update.v1">,
): Draft<"strategy.insight.v1", DataOf<"strategy.insight.v1">> {
  const files = about.map(({ path }) => path);
  const insight_id = derivedId("insight", rule, repository, ...files, commit_hash);
  return strategyInsight(
    { insight_id, rule, repository, title, files, evidence, severity, commit_hash },
    { key: [insight_id], user_id: author_id },
  );
}
