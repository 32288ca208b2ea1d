import { proposalCreated, strategyInsight, type DataOf } from "@contextpilot/events";
import type { Told } from "@contextpilot/testing";

export type Insight = DataOf<"strategy.insight.v1">;
export type Proposal = DataOf<"proposal.created.v1">;

/** A hotspot of the shop, as far as a test cares. */
export function insightOf(over: Partial<Insight> = {}): Insight {
  return {
    insight_id: "i1",
    rule: "hotspot",
    repository: "shop",
    title: "src/cart.ts is a hotspot: 5 recent changes × 600 levels of indentation",
    files: ["src/cart.ts"],
    evidence: { score: 2998, threshold: 2000, recent_changes: 5 },
    severity: "medium",
    commit_hash: "def456",
    ...over,
  };
}

/** The proposal to take a file of the shop apart, as far as a test cares. */
export function proposalOf(over: Partial<Proposal> = {}): Proposal {
  return {
    proposal_id: "p1",
    type: "refactor",
    title: "Take src/cart.ts apart",
    files_affected: 1,
    impact: "medium",
    user_id: "ada",
    reason: "A hotspot score of 8263, where 8000 is much.",
    repository: "shop",
    files: ["src/cart.ts"],
    revision: 1,
    ...over,
  };
}

/** A proposal with a patch of the changelog. */
export const changelogOf = (over: Partial<Proposal> = {}): Proposal =>
  proposalOf({
    proposal_id: "c1",
    type: "changelog",
    title: "Say in CHANGELOG.md: Pay in instalments",
    impact: "low",
    reason: "One commit brings what users will notice.",
    files: ["CHANGELOG.md"],
    patch: "--- a/CHANGELOG.md\n",
    ...over,
  });

/** The same as events, to Ada unless it names somebody else. */
export function insight(at: string, over: Partial<Insight> = {}, user_id: string | undefined = "ada"): Told {
  return { at, draft: strategyInsight(insightOf({ insight_id: `i${at}`, ...over }), { user_id }) };
}
export function proposal(at: string, data: Proposal): Told {
  return { at, draft: proposalCreated(data, { user_id: data.user_id }) };
}
