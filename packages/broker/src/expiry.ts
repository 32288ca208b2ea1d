import type { BrokerSubscription } from "./broker-topology.ts";
import { sequenceAt, timeOf } from "./sequences.ts";

// The longest that a timer can sleep is 2^31 - 1 ms, less than the longest retention.
const LONGEST_SLEEP_MS = 2 ** 31 - 1;
/** After the log failed. */
const AGAIN_AFTER_MS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How old a subscription's messages may get, in milliseconds; undefined: as old as they like. */
export function ageLimitMs({ retentionDays, messageTtlSeconds }: BrokerSubscription): number | undefined {
  const limit = Math.min((retentionDays ?? Infinity) * DAY_MS, (messageTtlSeconds ?? Infinity) * 1000);
  return limit === Infinity ? undefined : limit;
}

export interface ExpiryOptions {
  /** How old a message may get. */
  readonly limitMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Drops what is below a sequence, and gives the lowest that is left. */
  readonly drop: (below: number) => Promise<number | undefined>;
  readonly onError: (error: unknown) => void;
}

/** Has a subscription's messages dropped when they reach their age. Sleeps until the oldest of them does. */
export class Expiry {
  readonly #options: ExpiryOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #armedMeanwhile = false;
  #stopped = false;

  /** Begins with what is too old now. */
  constructor(options: ExpiryOptions) {
    this.#options = options;
    this.#run();
  }

  /** What was published before it has reached its age. */
  get limit(): number {
    return sequenceAt(this.#options.now() - this.#options.limitMs);
  }

  /** There is a message, published now. */
  arm(): void {
    if (this.#running !== undefined) this.#armedMeanwhile = true;
    else if (this.#timer === undefined) this.#sleep(this.#options.limitMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #run(): void {
    this.#timer = undefined;
    this.#armedMeanwhile = false;
    this.#running = this.#dropAndSleep().finally(() => {
      this.#running = undefined;
      if (this.#armedMeanwhile && this.#timer === undefined) this.#sleep(this.#options.limitMs);
    });
  }

  async #dropAndSleep(): Promise<void> {
    const { limitMs, now, drop, onError } = this.#options;
    try {
      const oldest = await drop(this.limit);
      if (oldest !== undefined) this.#sleep(timeOf(oldest) + limitMs - now());
    } catch (error) {
      this.#sleep(AGAIN_AFTER_MS);
      onError(error);
    }
  }

  #sleep(ms: number): void {
    if (this.#stopped) return;
    // A millisecond longer: what has just reached its age is not too old yet.
    this.#timer = setTimeout(() => this.#run(), Math.min(Math.max(ms, 0) + 1, LONGEST_SLEEP_MS)).unref();
  }
}
