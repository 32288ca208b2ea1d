import type { Acknowledgement } from "@contextpilot/messaging";
import type { Consumer } from "./consumer.ts";
import type { StoredMessage } from "./message-log.ts";

/** A message on its way to a consumer and not answered. */
export interface Lease {
  readonly message: StoredMessage;
  readonly consumer: Consumer;
  /** Which delivery of the message this is, from 1. */
  readonly attempt: number;
  readonly endsAt: number;
}

/**
 * What a subscription has outstanding. All its leases last equally long, so the oldest ends first and one timer serves all.
 * They live in memory only: a restart frees them at once.
 */
export class Leases {
  readonly #running = new Set<Lease>();
  readonly #deadlineMs: number;
  readonly #settle: (lease: Lease, answer: Acknowledgement) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `settle` hears the end of each lease once: by its answer, or a nack at the deadline. */
  constructor(deadlineMs: number, settle: (lease: Lease, answer: Acknowledgement) => void) {
    this.#deadlineMs = deadlineMs;
    this.#settle = settle;
  }

  get size(): number {
    return this.#running.size;
  }

  start(message: StoredMessage, consumer: Consumer, attempt: number): Lease {
    const lease = { message, consumer, attempt, endsAt: performance.now() + this.#deadlineMs };
    this.#running.add(lease);
    this.#timer ??= this.#wakeIn(this.#deadlineMs);
    return lease;
  }

  /** An answer to a lease that ended before says nothing any more: the message is due again. */
  answer(lease: Lease, answer: Acknowledgement): void {
    if (this.#running.delete(lease)) this.#settle(lease, answer);
  }

  /** Ends all without settling any. */
  clear(): void {
    for (const { consumer } of this.#running) consumer.ended();
    this.#running.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wakeIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#expire(), ms).unref();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const lease of this.#running) {
      if (lease.endsAt > now) {
        this.#timer ??= this.#wakeIn(lease.endsAt - now);
        return;
      }
      this.answer(lease, "nack");
    }
  }
}
