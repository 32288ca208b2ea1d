/** Runs work that shares a key one after the other, and all else at once: so that one process does not fight itself over a document. */
export class KeyQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` when all work queued before it under any of these keys has ended, well or badly. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    return keys.length === 0 ? work() : this.#runInTurn(keys, work);
  }

  async #runInTurn<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.map((key) => this.#tails.get(key) ?? Promise.resolve());
    const result = Promise.allSettled(before).then(work);
    const tail = result.then(ignore, ignore);
    for (const key of keys) this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      for (const key of keys) if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

const ignore = (): void => undefined;
