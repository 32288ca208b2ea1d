/**
 * What is next where one of a key runs at a time, in the order in which they came; what has no key runs beside everything. After
 * {@link next} gave a message, {@link done} or {@link failed} says how it ended.
 */
export class KeyLanes<T> {
  readonly #keyOf: (message: T) => string | undefined;
  readonly #ready: T[] = [];
  /** By each key of which one is ready or runs: those behind it. */
  readonly #behind = new Map<string, T[]>();

  constructor(keyOf: (message: T) => string | undefined) {
    this.#keyOf = keyOf;
  }

  add(message: T): void {
    const key = this.#keyOf(message);
    const behind = key === undefined ? undefined : this.#behind.get(key);
    if (behind !== undefined) behind.push(message);
    else {
      if (key !== undefined) this.#behind.set(key, []);
      this.#ready.push(message);
    }
  }

  next(): T | undefined {
    return this.#ready.shift();
  }

  /** The next of its key has its turn. */
  done(message: T): void {
    const key = this.#keyOf(message);
    if (key === undefined) return;
    const next = this.#behind.get(key)?.shift();
    if (next === undefined) this.#behind.delete(key);
    else this.#ready.push(next);
  }

  /** Takes out what stood behind it: none of that may come before it. */
  failed(message: T): readonly T[] {
    const key = this.#keyOf(message);
    if (key === undefined) return [];
    const behind = this.#behind.get(key) ?? [];
    this.#behind.delete(key);
    return behind;
  }

  /** Takes out all that has not begun. */
  empty(): readonly T[] {
    return [...this.#ready.splice(0), ...Array.from(this.#behind.values(), (behind) => behind.splice(0)).flat()];
  }
}
