import type { DataOf } from "./catalogue.ts";

/**
 * Why nobody is told what follows from a commit; undefined where somebody is. An import is history; what an agent committed, by a
 * proposal or on a branch of the agents', a person had approved, and would otherwise give rise to the next proposal.
 */
export function silenceOver({
  origin,
  proposal_id,
  branch,
}: Pick<DataOf<"git.commit.v1">, "origin" | "proposal_id" | "branch">): string | undefined {
  if (origin === "import") return "imported history";
  return proposal_id !== undefined || branch.startsWith("agent/") ? "an agent's own commit" : undefined;
}
