import type { StoredMessage } from "../message-log.ts";

// 2 MiB at most; what is larger or older is read from the disk.
const PLACES = 256;
const MAX_BYTES_EACH = 8 * 1024;

/** The messages that were appended last: each of their subscriptions reads them next. */
export class RecentMessages {
  readonly #places: (StoredMessage | undefined)[] = Array.from({ length: PLACES });

  add(message: StoredMessage): void {
    const { data, sequence } = message;
    if (data.byteLength > MAX_BYTES_EACH) return;
    // A small Buffer is a part of a pool of 64 KiB, and would keep all of it: 4 MB for 256 messages of 1 KiB.
    const isPart = data.buffer.byteLength > data.byteLength;
    this.#places[sequence % PLACES] = isPart ? { ...message, data: new Uint8Array(data) } : message;
  }

  get(sequence: number): StoredMessage | undefined {
    const message = this.#places[sequence % PLACES];
    return message?.sequence === sequence ? message : undefined;
  }
}
