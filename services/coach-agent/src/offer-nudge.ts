import { causeOf, type DataOf, type EventOf } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { changeOf } from "./change.ts";
import { findingId } from "./finding.ts";
import { findingsOf } from "./findings.ts";
import { nudgeEvent } from "./nudge-event.ts";
import { nudgeOf } from "./nudge.ts";
import { paces } from "./paces.ts";
import { pacing, wasTold, type Candidate, type Pace } from "./pacing.ts";

/** Looks at each measured commit and offers its author the most useful nudge, when it is time for one. */
export const offerNudge = handler("context.update.v1", {
  state: (update) => ({ pace: paces.of(update.data.author_id) }),
  decide: (update, { pace }, { now }) => {
    const nobody = notComing(update.data);
    if (nobody !== undefined) return { events: [], note: nobody };
    const candidate = candidateOf(update, pace, now);
    const { offer, pace: next } = pacing(pace, candidate, now);
    if (offer !== undefined) return { events: [nudgeEvent(offer)], state: { pace: next } };
    return { events: [], state: { pace: next }, note: candidate ? "waits for its turn" : "nothing to say" };
  },
});

/** Why nobody is there to read a nudge. An import is history; what an agent committed, a person had approved. */
function notComing(update: DataOf<"context.update.v1">): string | undefined {
  if (update.origin === "import") return "imported history";
  return update.proposal_id !== undefined || update.branch.startsWith("agent/") ? "an agent's own commit" : undefined;
}

/** What the commit gives reason to say and was not said this week. */
function candidateOf(update: EventOf<"context.update.v1">, pace: Pace, now: Date): Candidate | undefined {
  const change = changeOf(update.data);
  const [first, ...others] = findingsOf(change).filter((finding) => !wasTold(pace, findingId(change, finding), now));
  if (first === undefined) return undefined;
  const findings = [first, ...others] as const;
  return {
    findings: findings.map((finding) => findingId(change, finding)),
    nudge: nudgeOf(change, findings, update.event_id),
    person: update.data.author_id,
    cause: causeOf(update),
  };
}
