import { Settlements } from "./settlements.ts";

// So long after the first, or when there are so many.
const AFTER_MS = 50;
const AT = 1000;
const AGAIN_AFTER_MS = 1000;

/**
 * Writes acks and failure counts together, soon after they come. A crash forgets the last of them, and their messages are
 * delivered again. What could not be written is tried again.
 */
export class Settling {
  readonly #write: (settlements: Settlements) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #waiting = new Settlements();
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (settlements: Settlements) => Promise<void>, onError: (error: unknown) => void) {
    this.#write = write;
    this.#onError = onError;
  }

  ack(subscription: string, sequence: number, retain: boolean): void {
    this.#waiting.ack(subscription, sequence, retain);
    this.#soon();
  }

  nack(subscription: string, sequence: number, attempts: number): void {
    this.#waiting.nack(subscription, sequence, attempts);
    this.#soon();
  }

  #soon(): void {
    if (this.#waiting.size === AT) void this.now();
    else this.#timer ??= setTimeout(() => void this.now(), AFTER_MS).unref();
  }

  /** Resolves when what came before is written, or will be tried again. */
  async now(): Promise<void> {
    this.stop();
    const settlements = this.#waiting;
    this.#waiting = new Settlements();
    try {
      await this.#write(settlements);
    } catch (error) {
      this.#waiting.addOlder(settlements);
      this.#timer ??= setTimeout(() => void this.now(), AGAIN_AFTER_MS).unref();
      this.#onError(error);
    }
  }

  /** Nothing is written any more by itself. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
