import { collection } from "@contextpilot/messaging";
import * as z from "zod";

const HOUR_MS = 3_600_000;
/**
 * So many nudges of a repository are let in an hour, over all persons. The first ones of 500 people who come with one push are
 * told within 17 hours, before they lapse.
 */
export const PLACES_AN_HOUR = 30;
/** What waits for a day has lapsed by then. */
const HOURS_GIVEN_OUT = 24;

export const placesSchema = z.object({
  /** The hour whose places are being given out, counted from 1970 on. */
  hour: z.int().default(0),
  taken: z.int().default(0),
  /** The last hour in which somebody was told that there are no more. */
  noticed: z.int().default(0),
});
export type Places = z.output<typeof placesSchema>;

/** The places that a repository's nudges have taken, by its name. */
export const placesOf = collection("places", placesSchema);

export interface Place {
  readonly places: Places;
  /** The hour's beginning where it is a later one; undefined: at once. */
  readonly from: string | undefined;
}

/** The next free place: first come, first served. Undefined where none is free within a day. */
export function takePlace(places: Places, now: Date): Place | undefined {
  const current = hourOf(now);
  const { hour, taken } = places.hour < current ? { hour: current, taken: 0 } : places;
  const next = taken < PLACES_AN_HOUR ? { hour, taken: taken + 1 } : { hour: hour + 1, taken: 1 };
  if (next.hour >= current + HOURS_GIVEN_OUT) return undefined;
  const from = next.hour === current ? undefined : new Date(next.hour * HOUR_MS).toISOString();
  return { places: { ...places, ...next }, from };
}

/** The clock hour (UTC), counted from 1970 on. */
export function hourOf(now: Date): number {
  return Math.floor(now.getTime() / HOUR_MS);
}
