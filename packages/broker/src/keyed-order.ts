import { Fifo } from "./fifo.ts";

/** One message of an ordering key at a time: the first holds the key until it is settled, the others queue behind it. */
export class KeyedOrder {
  readonly #behind = new Map<string, Fifo>();
  readonly #keyHeldBy = new Map<number, string>();

  /** Whether the message may go; otherwise `release` gives it when its turn comes. */
  admit(sequence: number, key: string): boolean {
    const behind = this.#behind.get(key);
    if (behind !== undefined) {
      behind.push(sequence);
      return false;
    }
    this.#behind.set(key, new Fifo());
    this.#keyHeldBy.set(sequence, key);
    return true;
  }

  /** The message is settled. Gives the next of its key, which holds the key now. */
  release(sequence: number): number | undefined {
    const key = this.#keyHeldBy.get(sequence);
    if (key === undefined) return undefined;
    this.#keyHeldBy.delete(sequence);
    const next = this.#behind.get(key)?.shift();
    if (next === undefined) this.#behind.delete(key);
    else this.#keyHeldBy.set(next, key);
    return next;
  }
}
