import type { Deliver, Subscription } from "@contextpilot/messaging";

/** One of those who share a subscription's messages. */
export class Consumer implements Subscription {
  readonly deliver: Deliver;
  readonly #leave: () => void;
  #running = 0;
  #drained = Promise.withResolvers<void>();
  #stopped = false;

  /** `leave` takes it out of the subscription's consumers. */
  constructor(deliver: Deliver, leave: (consumer: Consumer) => void) {
    this.deliver = deliver;
    this.#leave = () => leave(this);
  }

  /** Deliveries not answered yet. */
  get running(): number {
    return this.#running;
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
