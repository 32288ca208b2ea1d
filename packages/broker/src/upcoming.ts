import type { BrokerSubscription } from "./broker-topology.ts";
import { KeyedOrder } from "./keyed-order.ts";
import { Lane, laneNames } from "./lane.ts";
import type { MessageLog, StoredMessage } from "./message-log.ts";

/** What is pending is listed by pages of so many, the next page when fewer than a fifth are ready. */
export const PAGE = 500;

/** Numbers taken from one lane, to be delivered. */
export interface Batch {
  readonly lane: Lane;
  readonly sequences: readonly number[];
}

/**
 * Which of a subscription's messages come next: in the order of publication but for retries; with ordering, strictly so within a
 * key; with priorities, the highest first. It holds numbers only, of a part of what the log has.
 */
export class Upcoming {
  readonly #spec: BrokerSubscription;
  readonly #log: MessageLog;
  readonly #lanes: readonly Lane[];
  /** Failed deliveries, of the messages that have some. */
  readonly #attempts = new Map<number, number>();
  #order = new KeyedOrder();
  /** Failed, and not ready again. */
  readonly #waiting = new Set<number>();
  /** Messages below it are no more to be delivered, wherever their numbers still stand. */
  #droppedBelow = 0;
  /** In somebody's hands while the log is listed anew. */
  #skipped = new Set<number>();

  constructor(spec: BrokerSubscription, log: MessageLog) {
    this.#spec = spec;
    this.#log = log;
    this.#lanes = laneNames(spec).map((name) => new Lane(name));
  }

  /** How many are ready to be delivered. */
  get ready(): number {
    let count = 0;
    for (const { ready } of this.#lanes) count += ready.length;
    return count;
  }

  /** Whether the log may have some that were not listed yet. */
  get mayHaveMore(): boolean {
    return this.#lanes.some(({ more }) => more);
  }

  /** The log has something new in the lane. */
  wake(name: string): void {
    for (const lane of this.#lanes) if (lane.name === name) lane.more = true;
  }

  /** A lane that should be listed before the next one is delivered. */
  laneToList(): Lane | undefined {
    for (const lane of this.#lanes) if (lane.more && lane.ready.length < PAGE / 5) return lane;
    return undefined;
  }

  async list(lane: Lane): Promise<void> {
    lane.more = false;
    const page = await this.#log.pending(lane.name, lane.last, PAGE).catch((error: unknown) => {
      lane.more = true;
      throw error;
    });
    if (page.length === PAGE) lane.more = true;
    for (const { sequence, attempts, orderingKey } of page) {
      lane.last = sequence;
      if (this.#skipped.size > 0 && this.#skipped.delete(sequence)) continue;
      if (attempts > 0) this.#attempts.set(sequence, attempts);
      if (this.#mayGo(sequence, orderingKey)) lane.ready.push(sequence);
    }
  }

  #mayGo(sequence: number, orderingKey: string | undefined): boolean {
    return !this.#spec.ordered || orderingKey === undefined || this.#order.admit(sequence, orderingKey);
  }

  /** The next ones to deliver, at most so many. */
  take(limit: number): Batch | undefined {
    if (limit <= 0) return undefined;
    for (const lane of this.#lanes) {
      const sequences: number[] = [];
      while (sequences.length < limit) {
        const sequence = lane.ready.shift();
        if (sequence === undefined) break;
        if (sequence < this.#droppedBelow) this.release(sequence);
        else sequences.push(sequence);
      }
      if (sequences.length > 0) return { lane, sequences };
    }
    return undefined;
  }

  putBack({ lane, sequences }: Batch): void {
    for (const sequence of sequences.toReversed()) lane.ready.unshift(sequence);
  }

  /** A message that was taken, or whose wait for a retry is over, may be delivered after those of its lane that are ready. */
  comesAgain(lane: string, sequence: number): void {
    this.#waiting.delete(sequence);
    this.#lanes.find(({ name }) => name === lane)?.ready.push(sequence);
  }

  /** Deliveries of a message that failed so far. */
  attemptsOf(sequence: number): number {
    return this.#attempts.get(sequence) ?? 0;
  }

  failed(sequence: number, attempts: number): void {
    this.#attempts.set(sequence, attempts);
    this.#waiting.add(sequence);
  }

  /** The message is settled; with ordering, the next of its key may go. */
  release(sequence: number): void {
    this.#attempts.delete(sequence);
    const next = this.#order.release(sequence);
    // Ordering and priorities exclude each other: there is one lane.
    if (next !== undefined) this.#lanes[0]?.ready.push(next);
  }

  wasDropped(sequence: number): boolean {
    return sequence < this.#droppedBelow;
  }

  dropBelow(sequence: number): void {
    this.#droppedBelow = Math.max(this.#droppedBelow, sequence);
  }

  /** What was dropped while it waited for its retry holds up nobody of its key; the others see to it when their turn comes. */
  releaseWaiting(): void {
    for (const sequence of this.#waiting) {
      if (!this.wasDropped(sequence)) continue;
      this.#waiting.delete(sequence);
      this.release(sequence);
    }
  }

  /**
   * Starts anew, as after a restart, with what the log has from a sequence on; but for the messages that are in somebody's
   * hands, which hold their keys until they are settled, and those that were settled a moment ago.
   */
  startAnew(from: number, inHand: Iterable<StoredMessage>, settled: Iterable<number>): void {
    // What is not retained was dropped for good.
    this.#droppedBelow = this.#spec.retainAcked ? from : Math.max(this.#droppedBelow, from);
    this.#order = new KeyedOrder();
    this.#waiting.clear();
    this.#skipped = new Set(settled);
    for (const { sequence, orderingKey } of inHand) {
      this.#skipped.add(sequence);
      this.#mayGo(sequence, orderingKey);
    }
    // Of the others the log knows how often they failed.
    for (const sequence of this.#attempts.keys()) {
      if (!this.#skipped.has(sequence)) this.#attempts.delete(sequence);
    }
    for (const lane of this.#lanes) {
      while (lane.ready.shift() !== undefined);
      lane.last = 0;
      lane.more = true;
    }
  }
}
