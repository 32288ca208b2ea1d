import type { Acknowledgement, Delivery, Subscription } from "@contextpilot/messaging";
import type { Lease } from "./leases.ts";

/** Takes a delivery and answers it; who asks for the lease can answer or extend that. */
export type Take = (delivery: Delivery, lease: Lease) => Promise<Acknowledgement>;

/** One of those who share a subscription's messages. */
export class Consumer implements Subscription {
  readonly take: Take;
  readonly #leave: () => void;
  readonly #maxOutstanding: number;
  #running = 0;
  #drained = Promise.withResolvers<void>();
  #stopped = false;

  /** `leave` takes it out of the subscription's consumers. */
  constructor(take: Take, leave: (consumer: Consumer) => void, maxOutstanding: number) {
    this.take = take;
    this.#leave = () => leave(this);
    this.#maxOutstanding = maxOutstanding;
  }

  /** Deliveries not answered yet. */
  get running(): number {
    return this.#running;
  }

  /** How many more it takes now. */
  get room(): number {
    return this.#maxOutstanding - this.#running;
  }

  began(): void {
    this.#running++;
  }

  ended(): void {
    this.#running--;
    if (this.#stopped && this.#running === 0) this.#drained.resolve();
  }

  stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#leave();
      if (this.#running === 0) this.#drained.resolve();
    }
    return this.#drained.promise;
  }
}
