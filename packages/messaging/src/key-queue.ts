/** Runs work that shares a key one after the other, and all else at once: so that one process does not fight itself over a document. */
export class KeyQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` when all work queued before it under any of these keys has ended, well or badly. */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    if (keys.length === 0) return work();
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
