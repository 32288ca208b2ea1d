import { setTimeout } from "node:timers/promises";
import { MessageError, type OutgoingMessage, type Publisher } from "@contextpilot/messaging";

/** What came of one message: the bus's id of it, or why the bus did not take it. */
export type Sent = { readonly message_id: string } | { readonly problem: string };

/** Past this one call of the bus would hold up the others. */
const MAX_SLICE = 100;
/** A slice is about this long a part of the rate. */
const SLICES_A_SECOND = 10;

/**
 * Publishes no faster than it is told, whoever asks, so that what failed once does not come back as a flood. Who has much to say
 * takes it in slices, and may be stopped between two.
 */
export class PacedPublisher {
  readonly #publisher: Publisher;
  readonly #stop = new AbortController();
  #freeAt = 0;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /** How many messages to publish at once at a rate of so many a second. */
  sliceOf(rate: number): number {
    return Math.min(MAX_SLICE, Math.max(1, Math.floor(rate / SLICES_A_SECOND)));
  }

  /** Resolves with true when `count` more messages may be published; with false at once when `signal` or `close` stops it. */
  async turn(count: number, rate: number, signal: AbortSignal): Promise<boolean> {
    const stopped = AbortSignal.any([signal, this.#stop.signal]);
    const now = performance.now();
    const at = Math.max(now, this.#freeAt);
    this.#freeAt = at + (count * 1000) / rate;
    try {
      await setTimeout(at - now, undefined, { signal: stopped });
    } catch {
      this.#freeAt = Math.min(this.#freeAt, performance.now()); // it publishes nothing after all
    }
    return !stopped.aborted;
  }

  /** Tells what came of each message, in their order. A bus may refuse a whole list for one of it: then each goes by itself. */
  async publish(messages: readonly OutgoingMessage[]): Promise<readonly Sent[]> {
    try {
      const ids = await this.#publisher.publish(messages);
      return ids.map((message_id) => ({ message_id }));
    } catch (thrown) {
      if (messages.length === 1) return [{ problem: MessageError.from(thrown).message }];
    }
    const sent: Sent[] = [];
    for (const message of messages) sent.push(...(await this.publish([message])));
    return sent;
  }

  /** Ends every wait: whoever is in the middle of many stops with what was published. */
  close(): void {
    this.#stop.abort();
  }
}
