import type { Limited } from "./handler.ts";
import { withTimeLimit } from "./time-limit.ts";

/** The time by which a delivery must be answered, from now on. */
export class Deadline {
  readonly #ms: number;
  readonly #startedAt = performance.now();

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Whether this share of the time has passed. */
  passed(share: number): boolean {
    return performance.now() - this.#startedAt > this.#ms * share;
  }

  /** What is left of this share of the time; 0 at least. */
  leftMs(share: number): number {
    return Math.max(0, this.#ms * share - (performance.now() - this.#startedAt));
  }

  /** Runs work within what is left of this share of the time; its signal aborts then, or with `also`. */
  limit(share: number, also?: AbortSignal): Limited {
    return (work) =>
      withTimeLimit(this.leftMs(share), (signal) =>
        work(also === undefined ? signal : AbortSignal.any([signal, also])),
      );
  }
}
