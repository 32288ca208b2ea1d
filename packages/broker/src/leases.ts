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
  /** Given to those that are answered by name. */
  ackId?: string;
}

/**
 * What a subscription has outstanding. Its leases last equally long, so the oldest ends first and one timer serves all; one that
 * was extended has a timer of its own. They live in memory only: a restart frees them at once.
 */
export class Leases {
  readonly #running = new Set<Lease>();
  readonly #extended = new Map<Lease, NodeJS.Timeout>();
  readonly #named = new Map<string, Lease>();
  readonly #deadlineMs: number;
  readonly #settle: (lease: Lease, answer: Acknowledgement) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `settle` hears the end of each lease once: by its answer, or a nack at the deadline. */
  constructor(deadlineMs: number, settle: (lease: Lease, answer: Acknowledgement) => void) {
    this.#deadlineMs = deadlineMs;
    this.#settle = settle;
  }

  get size(): number {
    return this.#running.size + this.#extended.size;
  }

  *messages(): Generator<StoredMessage> {
    for (const { message } of this.#running) yield message;
    for (const { message } of this.#extended.keys()) yield message;
  }

  start(message: StoredMessage, consumer: Consumer, attempt: number): Lease {
    const lease: Lease = { message, consumer, attempt, endsAt: performance.now() + this.#deadlineMs };
    this.#running.add(lease);
    this.#timer ??= this.#wakeIn(this.#deadlineMs);
    return lease;
  }

  /** Names a lease, for {@link Leases.named}. */
  name(lease: Lease): string {
    lease.ackId = crypto.randomUUID();
    this.#named.set(lease.ackId, lease);
    return lease.ackId;
  }

  /** The lease of that name; undefined where it has ended. */
  named(ackId: string): Lease | undefined {
    return this.#named.get(ackId);
  }

  /** The lease, which has not ended, ends so long from now and not before. */
  extend(lease: Lease, ms: number): void {
    this.#running.delete(lease);
    clearTimeout(this.#extended.get(lease));
    this.#extended.set(lease, setTimeout(() => this.answer(lease, "nack"), ms).unref());
  }

  /** An answer to a lease that ended before says nothing any more: the message is due again. */
  answer(lease: Lease, answer: Acknowledgement): void {
    if (this.#end(lease)) this.#settle(lease, answer);
  }

  /** Whether it had not ended before. */
  #end(lease: Lease): boolean {
    if (lease.ackId !== undefined) this.#named.delete(lease.ackId);
    if (this.#running.delete(lease)) return true;
    clearTimeout(this.#extended.get(lease));
    return this.#extended.delete(lease);
  }

  /** Ends all without settling any. */
  clear(): void {
    for (const { consumer } of [...this.#running, ...this.#extended.keys()]) consumer.ended();
    for (const timer of this.#extended.values()) clearTimeout(timer);
    this.#running.clear();
    this.#extended.clear();
    this.#named.clear();
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
