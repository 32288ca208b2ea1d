import { randomInt } from "node:crypto";

/** Places in a millisecond: several processes keep things at the same time, and shall hardly ever take the same place. */
const A_MILLISECOND = 4_096;
/** Places count from here: so they stay whole numbers until 2089. */
const FIRST = Date.parse("2020-01-01T00:00:00.000Z");

/** The first place of a moment (UTC, ISO 8601). */
export const placeAt = (time: string): number => (Date.parse(time) - FIRST) * A_MILLISECOND;

/** Gives out places in the order of arrival: by the moment of it, then by chance; in one process each is higher than the one before. */
export class Places {
  #last = 0;

  /** For what arrives at this moment: UTC, ISO 8601. */
  next(time: string): number {
    this.#last = Math.max(this.#last + 1, placeAt(time) + randomInt(A_MILLISECOND));
    return this.#last;
  }
}
