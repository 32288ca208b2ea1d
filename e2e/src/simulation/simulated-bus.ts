import { Broker } from "@contextpilot/broker";
import { PublishError, type Delivery, type OutgoingMessage } from "@contextpilot/messaging";
import { resolveTopology } from "@contextpilot/topology";
import { DEAD_LETTERS, HEARD_BY_WITNESSES, type Heard } from "../checker/witnesses.ts";
import type { Mishaps } from "./mishaps.ts";
import { SimulatedDisk, SimulatedLog } from "./simulated-log.ts";
import { never, simulatedTime } from "./simulated-time.ts";

const topology = resolveTopology();

/** The house's own, without those that only look on, and one for each witness. */
export const SUBSCRIPTIONS: readonly Heard[] = [
  ...topology.subscriptions.filter(({ raw, service }) => !raw && service !== "git-agent"),
  ...HEARD_BY_WITNESSES,
];

export type Push = (subscription: Heard, delivery: Delivery) => Promise<"ack" | "nack">;
export type Acked = (subscription: Heard, delivery: Delivery) => void;

/** The real broker over a log that may lose what is not durable; the disk below it outlives the process. */
export class SimulatedBus {
  readonly #disk = new SimulatedDisk();
  readonly #mishaps: Mishaps;
  readonly #push: Push;
  readonly #acked: Acked;
  #process: Process | undefined;

  /** `acked` hears of each ack that the broker was told. */
  constructor(mishaps: Mishaps, push: Push, acked: Acked) {
    this.#mishaps = mishaps;
    this.#push = push;
    this.#acked = acked;
  }

  async open(): Promise<void> {
    const all = [...SUBSCRIPTIONS, ...DEAD_LETTERS];
    const dead = Promise.withResolvers<void>();
    const log = new SimulatedLog(this.#disk, this.#mishaps, () => {
      this.#process = undefined;
      dead.resolve();
      void simulatedTime.sleep(1000 + this.#mishaps.upTo(9000)).then(() => this.open());
    });
    const broker = new Broker({
      topology: { topics: topology.topics, subscriptions: all },
      log,
      random: this.#mishaps.random,
      onError: (error) => this.#mishaps.note(`the bus: ${String(error)}`),
    });
    this.#process = { broker, log, dead: dead.promise };
    for (const subscription of all)
      await broker.subscribe(subscription.name, async (delivery) => {
        if (!log.isAlive) return never();
        const answer = await this.#push(subscription, delivery);
        if (!log.isAlive) return never(); // its connections were cut; whoever was pushed to goes on
        if (answer === "ack") this.#acked(subscription, delivery);
        return answer;
      });
  }

  /** Ends in order, and starts again from its log. */
  async restart(): Promise<void> {
    if (this.#process === undefined) return; // it is dead, and starts by itself
    const { broker, dead } = this.#process;
    this.#process = undefined;
    const ended = broker.close({ graceMs: 0 }).then(() => this.open());
    await Promise.race([ended, dead]); // it may die on its way to the end
  }

  /** Where the broker dies meanwhile nobody knows whether it took them. */
  async publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (this.#process === undefined) throw new Error("the bus is starting");
    const { broker, dead } = this.#process;
    const cut = dead.then(() => {
      throw new PublishError("the connection to the bus was cut", [...messages.keys()]);
    });
    return Promise.race([broker.publish(messages), cut]);
  }

  /** Nothing waits, nothing is outstanding. */
  get isEmpty(): boolean {
    const log = this.#process?.log;
    return (
      log !== undefined && [...SUBSCRIPTIONS, ...DEAD_LETTERS].every(({ name }) => log.backlogNow(name).depth === 0)
    );
  }
}

interface Process {
  readonly broker: Broker;
  readonly log: SimulatedLog;
  /** Resolves when it dies. */
  readonly dead: Promise<void>;
}
