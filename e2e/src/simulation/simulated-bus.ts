import { Broker, MemoryLog, type BrokerSubscription } from "@contextpilot/broker";
import type { Delivery, OutgoingMessage } from "@contextpilot/messaging";
import { resolveTopology } from "@contextpilot/topology";
import type { Mishaps } from "./mishaps.ts";

const topology = resolveTopology();
const ofGit = topology.subscriptions.find(({ name }) => name === "context-from-git");
if (ofGit === undefined) throw new TypeError("the topology has no context-from-git");

/** The house's own, without those that only look on, and one for each agent of the simulation. */
export const SUBSCRIPTIONS: readonly (BrokerSubscription & { readonly service: string })[] = [
  ...topology.subscriptions.filter(({ raw, service }) => !raw && service !== "git-agent"),
  { ...ofGit, name: "tally-from-git", service: "tally" },
  { ...ofGit, name: "keeper-from-git", service: "keeper", ordered: false },
  { ...ofGit, name: "worker-from-git", service: "worker", ordered: false },
];
const { filter: _, ...unfiltered } = { ...ofGit, ordered: false };
const DEAD_LETTERS = topology.topics
  .filter(({ name }) => name.endsWith("-dlq"))
  .map(({ name }) => ({ ...unfiltered, name: `letters-of-${name}`, topic: name, service: "letters" }));

export type Push = (
  subscription: BrokerSubscription & { readonly service: string },
  delivery: Delivery,
) => Promise<"ack" | "nack">;

/** The real broker over a log in memory, which outlives it. */
export class SimulatedBus {
  readonly #log = new MemoryLog();
  readonly #mishaps: Mishaps;
  readonly #push: Push;
  #broker: Broker | undefined;

  constructor(mishaps: Mishaps, push: Push) {
    this.#mishaps = mishaps;
    this.#push = push;
  }

  async open(): Promise<void> {
    const all = [...SUBSCRIPTIONS, ...DEAD_LETTERS];
    const broker = new Broker({
      topology: { topics: topology.topics, subscriptions: all },
      log: this.#log,
      random: this.#mishaps.random,
      onError: (error) => this.#mishaps.note(`the bus: ${String(error)}`),
    });
    for (const subscription of all)
      await broker.subscribe(subscription.name, (delivery) => this.#push(subscription, delivery));
    this.#broker = broker;
  }

  /** Ends as a process does that is killed, and starts again from its log. */
  async restart(): Promise<void> {
    const broker = this.#broker;
    this.#broker = undefined;
    await broker?.close({ graceMs: 0 });
    await this.open();
  }

  publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (this.#broker === undefined) return Promise.reject(new Error("the bus is starting"));
    return this.#broker.publish(messages);
  }

  /** Nothing waits, nothing is outstanding. */
  get isEmpty(): boolean {
    return [...SUBSCRIPTIONS, ...DEAD_LETTERS].every(({ name }) => this.#log.backlogNow(name).depth === 0);
  }
}
