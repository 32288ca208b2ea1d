import type { BrokerSubscription } from "./broker-topology.ts";
import { laneNames } from "./lane.ts";
import { Pull } from "./pull.ts";
import type { Routes } from "./routes.ts";
import type { SubscriptionQueue } from "./subscription-queue.ts";

export interface Open {
  readonly queue: SubscriptionQueue;
  /** The queue's, for who asks instead of hearing. */
  readonly pull: Pull;
}

/** The subscriptions that a broker has now, the topology's and those made at run time, each with its queue and its routes. */
export class OpenSubscriptions {
  readonly #routes: Routes;
  readonly #queueFor: (spec: BrokerSubscription) => SubscriptionQueue;
  readonly #open = new Map<string, Open>();
  readonly #queueOfLane = new Map<string, SubscriptionQueue>();
  readonly #madeAtRunTime = new Set<string>();

  constructor(routes: Routes, queueFor: (spec: BrokerSubscription) => SubscriptionQueue) {
    this.#routes = routes;
    this.#queueFor = queueFor;
  }

  /** Throws as {@link Routes.add} does, and adds nothing then. */
  add(spec: BrokerSubscription): void {
    this.#routes.add(spec);
    const queue = this.#queueFor(spec);
    this.#open.set(spec.name, { queue, pull: new Pull(queue) });
    for (const lane of laneNames(spec)) this.#queueOfLane.set(lane, queue);
  }

  addMadeAtRunTime(spec: BrokerSubscription): void {
    this.add(spec);
    this.#madeAtRunTime.add(spec.name);
  }

  isMadeAtRunTime(subscription: string): boolean {
    return this.#madeAtRunTime.has(subscription);
  }

  async remove(subscription: string): Promise<void> {
    const { queue, pull } = this.of(subscription);
    this.#routes.remove(subscription);
    this.#open.delete(subscription);
    this.#madeAtRunTime.delete(subscription);
    for (const lane of laneNames(queue.spec)) this.#queueOfLane.delete(lane);
    pull.stop();
    await queue.close(0);
  }

  has(subscription: string): boolean {
    return this.#open.has(subscription);
  }

  /** Throws a TypeError where it is not there. */
  of(subscription: string): Open {
    const open = this.#open.get(subscription);
    if (open === undefined) throw new TypeError(`there is no subscription ${subscription}`);
    return open;
  }

  all(): readonly Open[] {
    return [...this.#open.values()];
  }

  /** The log has something new in these lanes. */
  wake(lanes: readonly string[]): void {
    for (const lane of lanes) this.#queueOfLane.get(lane)?.wake(lane);
  }
}
