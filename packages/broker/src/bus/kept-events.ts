import type { Envelope } from "@contextpilot/events";
import { isOfType } from "./replies.ts";

/** How much of what was published the bus keeps in memory for a replay. */
export interface Retention {
  /** Default: 10,000; the oldest go first. */
  readonly maxEvents?: number;
  /** Default: for as long as the bus lives. */
  readonly maxAgeSeconds?: number;
}

/** What to replay; everything that is kept where nothing is said. */
export interface ReplayRange {
  /** With its version, or a whole family without. */
  readonly type?: string;
  /** Included. */
  readonly from?: Date;
  /** Not included. */
  readonly to?: Date;
}

/** The events published last. */
export class KeptEvents {
  readonly #maxEvents: number;
  readonly #maxAgeMs: number;
  #events: Envelope[] = [];

  constructor({ maxEvents = 10_000, maxAgeSeconds = Infinity }: Retention) {
    this.#maxEvents = maxEvents;
    this.#maxAgeMs = maxAgeSeconds * 1000;
  }

  add(event: Envelope): void {
    this.#events.push(event);
    // Trimmed at twice the size: each event moves once at most.
    if (this.#events.length >= this.#maxEvents * 2 + 100) this.#events = this.#events.slice(-this.#maxEvents);
  }

  /** Those within the range, the oldest first, as one replay: marked with a generation of its own. */
  replay({ type, from, to }: ReplayRange, now: Date): readonly Envelope[] {
    const earliest = Math.max(from?.getTime() ?? -Infinity, now.getTime() - this.#maxAgeMs);
    const latest = to?.getTime() ?? Infinity;
    const replay_generation = crypto.randomUUID();
    return this.#events
      .slice(-this.#maxEvents)
      .map((event) => ({ event, at: Date.parse(event.timestamp) }))
      .filter(({ event, at }) => at >= earliest && at < latest && (type === undefined || isOfType(event, type)))
      .sort((a, b) => a.at - b.at)
      .map(({ event }) => Object.freeze({ ...event, replay_generation }));
  }
}
