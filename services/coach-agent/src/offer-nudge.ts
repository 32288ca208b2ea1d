import { causeOf, silenceOver, type EventOf } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { changeOf, type Change } from "./change.ts";
import { findingId, type Finding } from "./finding.ts";
import { findingsOf } from "./findings.ts";
import { nudgeOf } from "./nudge.ts";
import { nothingNew, offering } from "./offering.ts";
import { paces } from "./paces.ts";
import { wasTold, type Candidate, type Pace } from "./pacing.ts";
import { placesOf } from "./places.ts";

/** Looks at each measured commit and offers its author the most useful nudge, when it is time for one. */
export const offerNudge = handler("context.update.v1", {
  state: ({ data }) => ({ pace: paces.of(data.author_id), places: placesOf.of(data.repository) }),
  decide: (update, memory, { now }) => {
    const silence = silenceOver(update.data);
    if (silence !== undefined) return { events: [], note: silence };
    const candidate = candidateOf(update, memory.pace, now);
    return candidate === undefined ? nothingNew(memory.pace, now) : offering(candidate, memory, now);
  },
});

/** What the commit gives reason to say and was not said this week. */
function candidateOf(update: EventOf<"context.update.v1">, pace: Pace, now: Date): Candidate | undefined {
  const change = changeOf(update.data);
  const [first, ...others] = findingsOf(change).filter((finding) => !wasTold(pace, idOf(change, finding), now));
  if (first === undefined) return undefined;
  const findings = [first, ...others] as const;
  return {
    findings: findings.map((finding) => idOf(change, finding)),
    nudge: nudgeOf(change, findings, update.event_id),
    person: update.data.author_id,
    cause: causeOf(update),
  };
}

const idOf = ({ update }: Change, { rule, file }: Finding): string => findingId(rule, update.repository, file.path);
