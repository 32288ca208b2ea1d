import type { BrokerSubscription } from "./broker-topology.ts";
import { laneFor, laneNames } from "./lane.ts";
import type { Backlog, MessageLog, StoredMessage } from "./message-log.ts";

/** What the log has for one subscription, over all of its lanes. The promises are {@link MessageLog}'s. */
export class SubscriptionLog {
  readonly #spec: BrokerSubscription;
  readonly #lanes: readonly string[];
  readonly #log: MessageLog;

  constructor(spec: BrokerSubscription, log: MessageLog) {
    this.#spec = spec;
    this.#lanes = laneNames(spec);
    this.#log = log;
  }

  get last(): number {
    return this.#log.last;
  }

  laneOf({ attributes }: StoredMessage): string {
    return laneFor(this.#spec, attributes);
  }

  read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    return this.#log.read(sequences);
  }

  /** Keeps the message where the subscription retains what is acked. */
  ack(message: StoredMessage): void {
    this.#log.ack(this.laneOf(message), message.sequence, this.#spec.retainAcked);
  }

  nack(message: StoredMessage, attempts: number): void {
    this.#log.nack(this.laneOf(message), message.sequence, attempts);
  }

  async backlog(): Promise<Backlog> {
    const backlogs = await Promise.all(this.#lanes.map((lane) => this.#log.backlog(lane)));
    return {
      depth: backlogs.reduce((sum, { depth }) => sum + depth, 0),
      oldest: lowest(backlogs.map(({ oldest }) => oldest)),
      oldestKept: lowest(backlogs.map(({ oldestKept }) => oldestKept)),
    };
  }

  async drop(below: number, retain?: boolean): Promise<number> {
    return this.#sum((lane) => this.#log.drop(lane, below, retain));
  }

  async restore(from: number): Promise<number> {
    return this.#sum((lane) => this.#log.restore(lane, from));
  }

  async #sum(count: (lane: string) => Promise<number>): Promise<number> {
    const counts = await Promise.all(this.#lanes.map(count));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

function lowest(sequences: readonly (number | undefined)[]): number | undefined {
  const least = Math.min(...sequences.map((sequence = Infinity) => sequence));
  return least === Infinity ? undefined : least;
}
