import { derivedId, proposalCreated, type DataOf, type Draft } from "@contextpilot/events";
import { weightAt } from "./decay.ts";
import type { FollowedFile } from "./followed-files.ts";
import { degreeOf, type Coupling } from "./rules/coupling.ts";
import { SCORES, scoreOf } from "./rules/hotspot.ts";
import { oneDecimal, percent, shown } from "./wording.ts";

/** More of them would be a list, no reason. */
const PARTNERS = 5;

/**
 * The proposal to take a hotspot apart, with the files that change together with it. It has no patch: how, a person knows.
 *
 * @param partners the closest first
 */
export function refactorProposal(
  file: FollowedFile,
  partners: readonly Coupling[],
  { repository, commit_hash, author_id }: DataOf<"context.update.v1">,
  now: number,
): Draft<"proposal.created.v1", DataOf<"proposal.created.v1">> {
  const score = scoreOf(file, now);
  const close = partners.slice(0, PARTNERS);
  const files = [file.path, ...close.map((one) => otherOf(one, file).path)];
  const proposal_id = derivedId("proposal", "refactor", repository, file.path, commit_hash);
  return proposalCreated(
    {
      proposal_id,
      type: "refactor",
      repository,
      title: `Take ${shown(file.path, 90)} apart`,
      reason: [
        `${oneDecimal(weightAt(file, now))} recent changes (${file.changes} since it is followed) and ${file.complexity} levels of indentation in ${file.lines} lines: a hotspot score of ${Math.round(score)}, where ${SCORES.refactor} is much.`,
        ...close.map((one) => `${shown(otherOf(one, file).path, 90)} changes with it: ${percent(degreeOf(one))} %.`),
      ].join(" "),
      files_affected: files.length,
      files,
      impact: score >= 2 * SCORES.refactor ? "high" : "medium",
      user_id: author_id,
      revision: 1,
    },
    { key: [proposal_id], user_id: author_id },
  );
}

const otherOf = ({ a, b }: Coupling, file: FollowedFile): FollowedFile => (a.id === file.id ? b : a);
