import type { Acknowledgement, Delivery } from "@contextpilot/messaging";
import type { Lease } from "./leases.ts";
import type { SubscriptionQueue } from "./subscription-queue.ts";

/** A delivery that was asked for, to be answered by its `ackId` within the subscription's ack deadline. */
export interface PulledDelivery extends Delivery {
  /** Names this delivery, and no other of the same message. */
  readonly ackId: string;
}

export interface PullOptions {
  /** Default: 10. */
  readonly maxMessages?: number;
  /** How long to wait for the first message, in milliseconds. Default: 0, takes what is there. */
  readonly waitMs?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** Gives a subscription's messages to who asks for them. */
export class Pull {
  readonly #queue: SubscriptionQueue;
  readonly #waits = new Set<() => void>();

  constructor(queue: SubscriptionQueue) {
    this.#queue = queue;
  }

  /** Resolves with the first messages as soon as there are some, or with none when the wait is over. */
  async pull({ maxMessages = 10, waitMs = 0, signal }: PullOptions): Promise<readonly PulledDelivery[]> {
    if (!(maxMessages >= 1)) throw new TypeError(`maxMessages must be at least 1, got ${maxMessages}`);
    if (signal?.aborted) return [];
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    const pulled: PulledDelivery[] = [];
    const take = (delivery: Delivery, lease: Lease): Promise<Acknowledgement> => {
      pulled.push({ ...delivery, ackId: this.#queue.leases.name(lease) });
      // Heard after those that come together with this one.
      end();
      return answeredByName;
    };
    const consumer = this.#queue.join(take, maxMessages);
    this.#waits.add(end);
    signal?.addEventListener("abort", end);
    const timer = waitMs > 0 ? setTimeout(end, waitMs).unref() : void this.#queue.pumped.then(end);
    await over;
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    this.#waits.delete(end);
    void consumer.stop();
    return pulled;
  }

  /** Gives the ids of those that came too late. */
  answer(ackIds: readonly string[], answer: Acknowledgement): readonly string[] {
    return this.#each(ackIds, (lease) => this.#queue.leases.answer(lease, answer));
  }

  /** The leases end so long from now. Gives the ids of those that had ended. */
  extend(ackIds: readonly string[], seconds: number): readonly string[] {
    return this.#each(ackIds, (lease) => this.#queue.leases.extend(lease, seconds * 1000));
  }

  #each(ackIds: readonly string[], act: (lease: Lease) => void): readonly string[] {
    return ackIds.filter((ackId) => {
      const lease = this.#queue.leases.named(ackId);
      if (lease !== undefined) act(lease);
      return lease === undefined;
    });
  }

  /** Ends every wait. */
  stop(): void {
    for (const end of this.#waits) end();
  }
}

const answeredByName = new Promise<never>(() => {});
