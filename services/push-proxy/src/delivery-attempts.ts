/** A message that is acked is forgotten: what stays are those that fail, and those that the emulator gave up. */
const MAX_COUNTED = 10_000;

/** How often each message was pushed so far. Bounded: the message that was counted longest ago begins anew. */
export class DeliveryAttempts {
  readonly #most: number;
  readonly #attempts = new Map<string, number>();

  constructor(most = MAX_COUNTED) {
    this.#most = most;
  }

  /** One more; gives the number of this one, from 1. */
  count(key: string): number {
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.delete(key);
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size < this.#most) break;
      this.#attempts.delete(oldest);
    }
    this.#attempts.set(key, attempt);
    return attempt;
  }

  forget(key: string): void {
    this.#attempts.delete(key);
  }
}
