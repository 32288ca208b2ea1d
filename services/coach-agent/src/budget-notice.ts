import { derivedId } from "@contextpilot/events";
import { seeChain } from "./actions.ts";
import type { Candidate } from "./pacing.ts";
import { hourOf, PLACES_AN_HOUR } from "./places.ts";
import { shown } from "./wording.ts";

/**
 * Says that the repository has had its nudges of this hour, to the person whose nudge waits for that.
 *
 * @param from when theirs may be told (UTC, ISO 8601)
 */
export function budgetNotice({ nudge, person, cause }: Candidate, from: string, now: Date): Candidate {
  const { repository } = nudge;
  const name = shown(repository, 30);
  return {
    findings: [derivedId("budget", repository)],
    person,
    cause,
    nudge: {
      nudge_id: derivedId("nudge", "budget", repository, String(hourOf(now))),
      rule: "budget",
      repository,
      title: `${PLACES_AN_HOUR} nudges for ${name} this hour: the others wait`,
      why_now:
        `There is room for ${PLACES_AN_HOUR} nudges of ${name} in an hour, over all persons, so that a large push buries nobody; ` +
        `those of ${now.toISOString().slice(11, 13)}:00 UTC are given out. Yours waits until ${minuteOf(from)}: "${shown(nudge.title, 90)}".`,
      next_actions: [
        seeChain(cause.correlation_id),
        "Nothing else: what waits is told by itself, or gives way to what is more urgent.",
      ],
      eta_minutes: 5,
      priority: "low",
      links: [],
      related_events: [cause.event_id],
    },
  };
}

/** `2026-03-02 11:00 UTC`. */
function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}
