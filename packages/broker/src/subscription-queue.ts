import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acknowledgement, Deliver } from "@contextpilot/messaging";
import type { BrokerSubscription } from "./broker-topology.ts";
import type { Consumer, Take } from "./consumer.ts";
import { Consumers } from "./consumers.ts";
import { deliveryOf } from "./delivery.ts";
import { Expiry, ageLimitMs } from "./expiry.ts";
import type { Lane } from "./lane.ts";
import { Leases, type Lease } from "./leases.ts";
import type { MessageLog, StoredMessage } from "./message-log.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { RetryTimers } from "./retry-timers.ts";
import { timeOf } from "./sequences.ts";
import type { Sought, SubscriptionCounts } from "./subscription-counts.ts";
import { SubscriptionLog } from "./subscription-log.ts";
import { PAGE, Upcoming, type Batch } from "./upcoming.ts";

/** With so many waiting for their retry no new message is tried: whoever should handle them cannot. */
const MAX_WAITING = 10_000;
/** After the log failed. */
const LOG_RETRY_MS = 1000;

export interface QueueOptions {
  readonly log: MessageLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly maxOutstanding: number;
  readonly retryScale: number;
  readonly random: () => number;
  /** Moves a message that failed for the last time, in one commit. */
  readonly moveToDeadLetters: (message: StoredMessage, attempts: number) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

/** Delivers one subscription's messages: a message is read from the log when its turn comes, and let go when it is answered. */
export class SubscriptionQueue {
  readonly #spec: BrokerSubscription;
  readonly #options: QueueOptions;
  readonly #log: SubscriptionLog;
  readonly #upcoming: Upcoming;
  readonly #leases: Leases;
  readonly #expiry: Expiry | undefined;
  readonly #consumers = new Consumers();
  readonly #timers = new RetryTimers();
  /** On their way to the dead letters. */
  readonly #leaving = new Set<StoredMessage>();
  /** Settled while a seek runs, which may have read them before. */
  #settledMeanwhile: number[] | undefined;
  #sought: Promise<unknown> = Promise.resolve();
  #expired = 0;
  /** Since others last had their turn. */
  #delivered = 0;
  #pumping = false;
  #pumped = Promise.resolve();
  #paused = false;
  #closed = false;
  readonly #drained = Promise.withResolvers<void>();
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(spec: BrokerSubscription, options: QueueOptions) {
    this.#spec = spec;
    this.#options = options;
    this.#log = new SubscriptionLog(spec, options.log);
    this.#upcoming = new Upcoming(spec, options.log);
    this.#leases = new Leases(spec.ackDeadlineSeconds * 1000, (lease, answer) => this.#settle(lease, answer));
    const limitMs = ageLimitMs(spec);
    if (limitMs === undefined) return;
    const { now, onError } = options;
    this.#expiry = new Expiry({ limitMs, now, onError, drop: (below) => this.#dropExpired(below) });
  }

  get spec(): BrokerSubscription {
    return this.#spec;
  }

  /** At most so many of its deliveries run at once. */
  subscribe(deliver: Deliver, maxOutstanding: number): Consumer {
    return this.join((delivery) => deliver(delivery), maxOutstanding);
  }

  /** As `subscribe`, for who answers by the lease. */
  join(take: Take, maxOutstanding: number): Consumer {
    const consumer = this.#consumers.join(take, maxOutstanding);
    this.#pump();
    return consumer;
  }

  /** What is outstanding, for who answers by the lease. */
  get leases(): Leases {
    return this.#leases;
  }

  /** Resolves when what can be delivered now was handed over. */
  get pumped(): Promise<void> {
    return this.#pumped;
  }

  /** The log has something new in a lane. */
  wake(lane: string): void {
    this.#upcoming.wake(lane);
    this.#expiry?.arm();
    this.#pump();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  async counts(): Promise<SubscriptionCounts> {
    const { depth, oldest } = await this.#log.backlog();
    return {
      subscription: this.#spec.name,
      depth,
      oldestAgeSeconds: oldest === undefined ? 0 : Math.max(0, this.#options.now() - timeOf(oldest)) / 1000,
      outstanding: this.#leases.size,
      consumers: this.#consumers.size,
      expired: this.#expired,
      paused: this.#paused,
    };
  }

  async purge(): Promise<number> {
    return this.#drop(this.#log.last + 1, this.#spec.retainAcked);
  }

  /** Goes to a sequence: what is below it is dropped, what is retained from it on comes again. One call after the other. */
  seek(sequence: number): Promise<Sought> {
    const sought = this.#sought.then(() => this.#seek(sequence));
    this.#sought = sought.catch(() => {});
    return sought;
  }

  async #seek(sequence: number): Promise<Sought> {
    const settled: number[] = [];
    this.#settledMeanwhile = settled;
    await this.#pumped;
    try {
      const dropped = await this.#drop(sequence, this.#spec.retainAcked);
      const restored = await this.#log.restore(sequence);
      this.#timers.stop();
      this.#upcoming.startAnew(sequence, [...this.#leases.messages(), ...this.#leaving], settled);
      if (this.#expiry !== undefined) this.#upcoming.dropBelow(this.#expiry.limit);
      return { dropped, restored };
    } finally {
      this.#settledMeanwhile = undefined;
      this.#pump();
    }
  }

  async #drop(below: number, retain = false): Promise<number> {
    this.#upcoming.dropBelow(below);
    this.#upcoming.releaseWaiting();
    const dropped = await this.#log.drop(below, retain);
    this.#pump();
    return dropped;
  }

  async #dropExpired(below: number): Promise<number | undefined> {
    this.#expired += await this.#drop(below);
    return (await this.#log.backlog()).oldestKept;
  }

  /** Resolves when all that can be delivered was, and nothing is left to be answered or retried. */
  whenIdle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  get isIdle(): boolean {
    if (this.#closed) return true;
    if (this.#pumping) return false;
    if (this.#leases.size + this.#leaving.size + this.#timers.size > 0) return false;
    return !this.#mayDeliver || (this.#upcoming.ready === 0 && !this.#upcoming.mayHaveMore);
  }

  /** Delivers no more, and resolves when what runs is answered or the grace is over. What is not answered stays in the log. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#timers.stop();
    await Promise.all([this.#pumped, this.#expiry?.stop()]);
    if (this.#leases.size > 0) {
      const grace = setTimeout(this.#drained.resolve, graceMs);
      await this.#drained.promise;
      clearTimeout(grace);
    }
    this.#leases.clear();
    this.#idle?.resolve();
  }

  /** One at a time; whoever comes meanwhile is served by the one that runs. */
  #pump(): void {
    if (this.#pumping || this.#closed || this.#settledMeanwhile !== undefined) return;
    this.#pumping = true;
    this.#pumped = this.#deliverReady();
  }

  async #deliverReady(): Promise<void> {
    try {
      for (;;) {
        await this.#leaveTurn();
        const lane = this.#laneToList();
        if (lane !== undefined) await this.#upcoming.list(lane);
        const batch = this.#takeBatch();
        if (batch !== undefined) await this.#readAndDeliver(batch);
        else if (this.#laneToList() === undefined) return;
      }
    } catch (error) {
      this.#later(LOG_RETRY_MS, () => this.#pump());
      this.#options.onError(error);
    } finally {
      this.#pumping = false;
      if (this.#idle !== undefined && this.isIdle) {
        this.#idle.resolve();
        this.#idle = undefined;
      }
    }
  }

  #laneToList(): Lane | undefined {
    return this.#mayDeliver && this.#timers.size < MAX_WAITING ? this.#upcoming.laneToList() : undefined;
  }

  get #mayDeliver(): boolean {
    return !this.#closed && !this.#paused && this.#settledMeanwhile === undefined && this.#consumers.size > 0;
  }

  /** Subscribers that answer at once would keep the event loop for a whole backlog: now and then others have their turn. */
  async #leaveTurn(): Promise<void> {
    if (this.#delivered < PAGE || this.#upcoming.ready === 0) return;
    this.#delivered = 0;
    await nextTurn();
  }

  #takeBatch(): Batch | undefined {
    if (!this.#mayDeliver) return undefined;
    if (this.#expiry !== undefined) this.#upcoming.dropBelow(this.#expiry.limit);
    return this.#upcoming.take(Math.min(this.#options.maxOutstanding - this.#leases.size, this.#consumers.room));
  }

  async #readAndDeliver(batch: Batch): Promise<void> {
    const { sequences } = batch;
    const messages = await this.#log.read(sequences).catch((error: unknown) => {
      this.#upcoming.putBack(batch);
      throw error;
    });
    for (const [place, sequence] of sequences.entries()) {
      const message = messages[place];
      if (message === undefined || this.#upcoming.wasDropped(sequence)) this.#upcoming.release(sequence);
      else this.#deliver(message);
    }
  }

  /** To the consumer with the least to do; back into the queue where the last one left meanwhile. */
  #deliver(message: StoredMessage): void {
    const consumer = this.#closed ? undefined : this.#consumers.leastBusy();
    if (consumer === undefined) {
      this.#upcoming.comesAgain(this.#log.laneOf(message), message.sequence);
      return;
    }
    const lease = this.#leases.start(message, consumer, this.#upcoming.attemptsOf(message.sequence) + 1);
    consumer.began();
    this.#delivered++;
    void this.#awaitAnswer(lease);
  }

  /** A throw or a rejection is a nack. */
  async #awaitAnswer(lease: Lease): Promise<void> {
    const { message, consumer, attempt } = lease;
    let answer: Acknowledgement = "nack";
    try {
      answer = await consumer.take(deliveryOf(this.#spec, message, attempt), lease);
    } catch {}
    this.#leases.answer(lease, answer);
  }

  #settle(lease: Lease, answer: Acknowledgement): void {
    const { message, attempt, consumer } = lease;
    consumer.ended();
    if (answer === "ack") {
      this.#log.ack(message);
      this.#release(message.sequence);
    } else if (this.#upcoming.wasDropped(message.sequence)) {
      this.#release(message.sequence);
    } else if (this.#spec.deadLetter !== undefined && attempt >= this.#spec.deadLetter.maxDeliveryAttempts) {
      void this.#giveUp(message, attempt);
    } else {
      this.#retry(message, attempt);
    }
    if (this.#closed && this.#leases.size === 0) this.#drained.resolve();
    this.#pump();
  }

  async #giveUp(message: StoredMessage, attempt: number): Promise<void> {
    this.#leaving.add(message);
    try {
      await this.#options.moveToDeadLetters(message, attempt);
    } catch (error) {
      this.#leaving.delete(message);
      this.#retry(message, attempt);
      this.#options.onError(error);
      return;
    }
    this.#leaving.delete(message);
    this.#release(message.sequence);
    this.#pump();
  }

  #release(sequence: number): void {
    this.#settledMeanwhile?.push(sequence);
    this.#upcoming.release(sequence);
  }

  #retry(message: StoredMessage, attempts: number): void {
    const { sequence } = message;
    const lane = this.#log.laneOf(message);
    this.#upcoming.failed(sequence, attempts);
    this.#log.nack(message, attempts);
    const { random, retryScale } = this.#options;
    this.#later(retryDelayMs(this.#spec.retry, attempts, random()) * retryScale, () => {
      this.#upcoming.comesAgain(lane, sequence);
      this.#pump();
    });
  }

  #later(ms: number, then: () => void): void {
    if (!this.#closed) this.#timers.later(ms, then);
  }
}
