import type { DataOf, Draft } from "@contextpilot/events";
import { budgetNotice } from "./budget-notice.ts";
import { nudgeEvent } from "./nudge-event.ts";
import { hasGap, pacing, type Candidate, type Pace } from "./pacing.ts";
import { hourOf, takePlace, type Places } from "./places.ts";

interface Offering {
  readonly events: readonly Draft<"coach.nudge.v1", DataOf<"coach.nudge.v1">>[];
  readonly state: { readonly pace: Pace; readonly places?: Places };
  readonly note?: string;
}

/**
 * What becomes of a candidate, by the person's pace and the repository's places. One that is new takes a place; where the hour has
 * none left it waits for a later hour's, and once an hour somebody who waits for that alone is told so.
 */
export function offering(
  found: Candidate,
  { pace, places }: { readonly pace: Pace; readonly places: Places },
  now: Date,
): Offering {
  const known = pace.pending.find(({ findings }) => findings[0] === found.findings[0]);
  const place = known === undefined ? takePlace(places, now) : { places, from: known.not_before };
  if (place === undefined) return { ...nothingNew(pace, now), note: "the repository's places of a day are taken" };

  const { offer, pace: next } = pacing(pace, notBefore(place.from, found), now);
  const events = offer === undefined ? [] : [nudgeEvent(offer)];
  const isKept = offer?.nudge === found.nudge || next.pending.some(({ nudge }) => nudge === found.nudge);
  if (!isKept) return { events, state: { pace: next }, note: "gives way to what waits" };
  const state = { pace: next, places: place.places };
  if (offer !== undefined) return { events, state };

  const isOver = known === undefined && place.from !== undefined && places.noticed < hourOf(now);
  if (!isOver || !hasGap(pace, now)) return { events, state, note: "waits for its turn" };
  return {
    events: [nudgeEvent(budgetNotice(found, place.from, now))],
    state: { pace: { ...next, nudged_at: now.toISOString() }, places: { ...place.places, noticed: hourOf(now) } },
  };
}

/** Without a candidate: what has waited may be told. */
export function nothingNew(pace: Pace, now: Date): Offering {
  const { offer, pace: next } = pacing(pace, undefined, now);
  return offer === undefined
    ? { events: [], state: { pace: next }, note: "nothing to say" }
    : { events: [nudgeEvent(offer)], state: { pace: next } };
}

/** Not before that time, nor before its own. */
function notBefore(time: string | undefined, found: Candidate): Candidate {
  if (time === undefined || (found.not_before !== undefined && time < found.not_before)) return found;
  return { ...found, not_before: time };
}
