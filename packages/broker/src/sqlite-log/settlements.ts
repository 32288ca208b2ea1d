/** Acks and failure counts that are not written yet, by subscription. */
export class Settlements {
  readonly acks = new Map<string, number[]>();
  /** Acks of messages that stay for a later seek. */
  readonly retained = new Map<string, number[]>();
  readonly attempts = new Map<string, Map<number, number>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  ack(subscription: string, sequence: number, retain = false): void {
    const acks = retain ? this.retained : this.acks;
    const sequences = acks.get(subscription);
    if (sequences === undefined) acks.set(subscription, [sequence]);
    else sequences.push(sequence);
    this.#size++;
  }

  nack(subscription: string, sequence: number, attempts: number): void {
    const counted = this.attempts.get(subscription);
    if (counted === undefined) this.attempts.set(subscription, new Map([[sequence, attempts]]));
    else counted.set(sequence, attempts);
    this.#size++;
  }

  /** Takes in what is older: what was to be written and could not be. */
  addOlder(older: Settlements): void {
    for (const [subscription, acks] of older.acks) for (const sequence of acks) this.ack(subscription, sequence);
    for (const [subscription, acks] of older.retained) {
      for (const sequence of acks) this.ack(subscription, sequence, true);
    }
    for (const [subscription, counted] of older.attempts) {
      for (const [sequence, attempts] of counted) {
        if (!this.attempts.get(subscription)?.has(sequence)) this.nack(subscription, sequence, attempts);
      }
    }
  }
}
