import { coachNudge, type DataOf, type Draft } from "@contextpilot/events";
import type { Candidate } from "./pacing.ts";

/** The nudge as an event to a person, in the chain in which it was found: it may have waited since. */
export function nudgeEvent({ nudge, person, cause }: Candidate): Draft<"coach.nudge.v1", DataOf<"coach.nudge.v1">> {
  return coachNudge(nudge, { key: [nudge.nudge_id], user_id: person, priority: nudge.priority, cause });
}
