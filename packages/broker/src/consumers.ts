import { Consumer, type Take } from "./consumer.ts";

/** Those who share a subscription's messages now. */
export class Consumers {
  readonly #consumers: Consumer[] = [];

  get size(): number {
    return this.#consumers.length;
  }

  /** How many more deliveries all of them together take now. */
  get room(): number {
    let room = 0;
    for (const consumer of this.#consumers) room += consumer.room;
    return room;
  }

  /** Takes at most so many deliveries at once, until it stops. */
  join(take: Take, maxOutstanding: number): Consumer {
    const leave = (consumer: Consumer) => this.#consumers.splice(this.#consumers.indexOf(consumer), 1);
    const consumer = new Consumer(take, leave, maxOutstanding);
    this.#consumers.push(consumer);
    return consumer;
  }

  /** The one with the least to do; undefined where nobody has room. */
  leastBusy(): Consumer | undefined {
    let least: Consumer | undefined;
    for (const consumer of this.#consumers) {
      if (consumer.room > 0 && (least === undefined || consumer.running < least.running)) least = consumer;
    }
    return least;
  }
}
