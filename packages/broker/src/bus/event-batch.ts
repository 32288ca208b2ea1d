import type { Outgoing, Published } from "./bus-publisher.ts";
import type { AnyDraft, PublishOptions } from "./prepare-event.ts";

export interface BatchOptions {
  /** Publishes when so many have come together. Default: 100. */
  readonly size?: number;
  /** Publishes so long after the first of them, in milliseconds. Default: 1,000. */
  readonly intervalMs?: number;
}

interface Behind {
  prepare(draft: AnyDraft, options?: PublishOptions): Outgoing;
  send(outgoing: readonly Outgoing[]): Promise<readonly Published[]>;
  closed(): void;
}

/** Events that are published together: when they are enough, when the first has waited long enough, and at the end. */
export class EventBatch implements AsyncDisposable {
  readonly #behind: Behind;
  readonly #size: number;
  readonly #intervalMs: number;
  #waiting: Outgoing[] = [];
  #published: Published[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  /** Throws a TypeError for a size below 1. */
  constructor(behind: Behind, { size = 100, intervalMs = 1000 }: BatchOptions) {
    if (!(size >= 1)) throw new TypeError(`a batch's size must be at least 1, got ${size}`);
    this.#behind = behind;
    this.#size = size;
    this.#intervalMs = intervalMs;
  }

  /** Takes an event, at its time of now, and gives its event_id. Throws a TypeError where the event cannot be. */
  add(draft: AnyDraft, options?: PublishOptions): string {
    const outgoing = this.#behind.prepare(draft, options);
    this.#waiting.push(outgoing);
    if (this.#waiting.length >= this.#size) this.#sendWaiting();
    else this.#timer ??= setTimeout(() => this.#sendWaiting(), this.#intervalMs);
    return outgoing.event.event_id;
  }

  /**
   * Publishes what is waiting, and resolves with the ids of all that was published since the last call, in the order of `add`.
   * Rejects with what the bus said where it did not take some: they are kept, and the next call tries them again.
   */
  async flush(): Promise<readonly Published[]> {
    this.#sendWaiting();
    await this.#sending;
    if (this.#waiting.length > 0) await this.#send();
    const published = this.#published;
    this.#published = [];
    return published;
  }

  /** Publishes the rest. Rejects where the bus does not take it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#behind.closed();
    await this.flush();
  }

  /** In the background: what fails waits for the next time, in its place. */
  #sendWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#send().catch(() => {}));
  }

  async #send(): Promise<void> {
    const outgoing = this.#waiting;
    if (outgoing.length === 0) return;
    this.#waiting = [];
    try {
      this.#published.push(...(await this.#behind.send(outgoing)));
    } catch (error) {
      this.#waiting = [...outgoing, ...this.#waiting];
      throw error;
    }
  }
}
