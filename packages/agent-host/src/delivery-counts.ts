import type { Outcome } from "@contextpilot/messaging";

/** How the deliveries of a process have ended since it began, by outcome and reason. */
export interface DeliveryCounts {
  readonly handled: number;
  /** Of those handled, how many had been handled before. */
  readonly duplicates: number;
  readonly taken: number;
  /** By reason: `another-family` is a type that nobody here handles. */
  readonly skipped: Readonly<Record<string, number>>;
  /** By error code. */
  readonly retried: Readonly<Record<string, number>>;
  /** By error code: `unknown-version` is a version of a type whose others are handled. */
  readonly dead_lettered: Readonly<Record<string, number>>;
}

/** Counts deliveries as they end. */
export class DeliveryCounter {
  #handled = 0;
  #duplicates = 0;
  #taken = 0;
  readonly #skipped = new Map<string, number>();
  readonly #retried = new Map<string, number>();
  readonly #deadLettered = new Map<string, number>();

  add(outcome: Outcome): void {
    switch (outcome.kind) {
      case "handled":
        this.#handled += 1;
        this.#duplicates += Number(outcome.duplicate);
        return;
      case "taken":
        this.#taken += 1;
        return;
      case "skipped":
        return countIn(this.#skipped, outcome.reason);
      case "retry":
        return countIn(this.#retried, outcome.error.code);
      case "dead-lettered":
        return countIn(this.#deadLettered, outcome.error.code);
    }
  }

  get counts(): DeliveryCounts {
    return {
      handled: this.#handled,
      duplicates: this.#duplicates,
      taken: this.#taken,
      skipped: Object.fromEntries(this.#skipped),
      retried: Object.fromEntries(this.#retried),
      dead_lettered: Object.fromEntries(this.#deadLettered),
    };
  }
}

/** Reasons and codes are closed lists: the map stays small. */
function countIn(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
