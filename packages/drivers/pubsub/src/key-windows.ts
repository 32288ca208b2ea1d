/** `reason` is undefined where it went well. */
export type Ended = (reason: Error | undefined, id: string) => void;

/** Sends a message, and says how it ended. */
export type Send = (ended: Ended) => void;

interface Waiting {
  readonly bytes: number;
  readonly send: Send;
  readonly ended: Ended;
}

interface Window {
  bytes: number;
  readonly waiting: Waiting[];
}

/** Pub/Sub takes 10 MB in a request; attributes come on top of the data that is counted here. */
const MAX_BYTES = 9_000_000;

/**
 * How much of an ordering key is on its way at once. The client makes one request of all that waited while another was under way,
 * however large that gets; so what would be too large together waits here. What waits behind a message that fails, fails with it.
 */
export class KeyWindows {
  readonly #windows = new Map<string, Window>();

  /** Sends at once where there is room, else as soon as there is. */
  publish(key: string, bytes: number, send: Send, ended: Ended): void {
    const window = this.#windows.get(key) ?? { bytes: 0, waiting: [] };
    this.#windows.set(key, window);
    window.waiting.push({ bytes, send, ended });
    this.#admit(key, window);
  }

  /** One message goes alone, whatever its size. */
  #admit(key: string, window: Window): void {
    for (let next = window.waiting[0]; next !== undefined; next = window.waiting[0]) {
      if (window.bytes > 0 && window.bytes + next.bytes > MAX_BYTES) return;
      window.waiting.shift();
      this.#send(key, window, next);
    }
    if (window.bytes === 0) this.#windows.delete(key);
  }

  #send(key: string, window: Window, { bytes, send, ended }: Waiting): void {
    window.bytes += bytes;
    send((reason, id) => {
      window.bytes -= bytes;
      ended(reason, id);
      if (reason !== undefined) for (const behind of window.waiting.splice(0)) behind.ended(reason, "");
      this.#admit(key, window);
    });
  }
}
