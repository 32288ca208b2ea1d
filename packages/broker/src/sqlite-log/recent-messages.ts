import type { StoredMessage } from "../message-log.ts";

// 2 MiB at most; what is larger or older is read from the disk.
const PLACES = 256;
const MAX_BYTES_EACH = 8 * 1024;

/** The messages that were appended last: each of their subscriptions reads them next. */
export class RecentMessages {
  readonly #places: (StoredMessage | undefined)[] = Array.from({ length: PLACES });

  add(message: StoredMessage): void {
    if (message.data.byteLength <= MAX_BYTES_EACH) this.#places[message.sequence % PLACES] = message;
  }

  get(sequence: number): StoredMessage | undefined {
    const message = this.#places[sequence % PLACES];
    return message?.sequence === sequence ? message : undefined;
  }
}
