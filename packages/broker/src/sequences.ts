/** The lowest sequence that a message published at a time (milliseconds since 1970) can have. */
export const sequenceAt = (ms: number): number => Math.floor(ms * 1000);

/** When a message was published, in milliseconds since 1970; where many came at once, or the clock went back, a little later. */
export const timeOf = (sequence: number): number => sequence / 1000;

/**
 * Numbers messages by the microsecond of their publication, or one more than the last: so the oldest of a backlog, what was
 * published since a time and what has reached its age are found by number, and a log put in the place of an older one does not
 * repeat its numbers. Safe integers until the year 2255, at a million messages a second.
 */
export class Sequences {
  #last: number;
  #lastTime = "";

  /** `last` is the highest that was given before. */
  constructor(last = 0) {
    this.#last = last;
  }

  get last(): number {
    return this.#last;
  }

  /** Of a message published at this time: UTC, ISO 8601. */
  next(publishTime: string): number {
    // Messages of one moment are many: its number is known to be passed.
    if (publishTime !== this.#lastTime) {
      this.#lastTime = publishTime;
      this.#last = Math.max(this.#last, sequenceAt(Date.parse(publishTime)) - 1);
    }
    return ++this.#last;
  }
}
