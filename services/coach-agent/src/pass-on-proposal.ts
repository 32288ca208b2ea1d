import { causeOf, type DataOf } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { findingId } from "./finding.ts";
import { nothingNew, offering } from "./offering.ts";
import { paces } from "./paces.ts";
import { settled, wasTold } from "./pacing.ts";
import { placesOf } from "./places.ts";
import { proposalNudge } from "./proposal-nudge.ts";

/** Tells the author whose change gave rise to a proposal that it waits for somebody. */
export const passOnProposal = handler("proposal.created.v1", {
  state: ({ user_id, data }) => ({ pace: paces.of(user_id ?? data.user_id), places: placesOf.of(data.repository) }),
  decide: (proposal, memory, { now }) => {
    const { user_id = proposal.data.user_id, data } = proposal;
    if (user_id === "unknown") return { events: [], note: "nobody to tell" };
    const finding = proposedFinding(data);
    if (wasTold(memory.pace, finding, now)) return nothingNew(memory.pace, now);
    const nudge = proposalNudge(data, proposal);
    const candidate = {
      findings: [finding],
      nudge,
      person: user_id,
      cause: causeOf(proposal),
      not_before: settled(now),
    };
    return offering(candidate, memory, now);
  },
});

/** A hotspot, and the proposal to take it apart, are one finding. */
function proposedFinding({ type, repository, files: [file], proposal_id }: DataOf<"proposal.created.v1">): string {
  return findingId(type === "refactor" ? "hotspot" : type, repository, file ?? proposal_id);
}
