import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acknowledgement, Deliver, Delivery } from "@contextpilot/messaging";
import type { BrokerSubscription } from "./broker-topology.ts";
import { Consumer, type Take } from "./consumer.ts";
import { Expiry } from "./expiry.ts";
import { laneFor, laneNames, type Lane } from "./lane.ts";
import { Leases, type Lease } from "./leases.ts";
import type { MessageLog, StoredMessage } from "./message-log.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { timeOf } from "./sequences.ts";
import type { Sought, SubscriptionCounts } from "./subscription-counts.ts";
import { PAGE, Upcoming, type Batch } from "./upcoming.ts";

/** With so many waiting for their retry no new message is tried: whoever should handle them cannot. */
const MAX_WAITING = 10_000;
/** After the log failed. */
const LOG_RETRY_MS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

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
  readonly #upcoming: Upcoming;
  readonly #leases: Leases;
  readonly #expiry: Expiry | undefined;
  readonly #consumers: Consumer[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
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
    const leave = (consumer: Consumer) => this.#consumers.splice(this.#consumers.indexOf(consumer), 1);
    const consumer = new Consumer(take, leave, maxOutstanding);
    this.#consumers.push(consumer);
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
    const { log, now } = this.#options;
    const backlogs = await Promise.all(laneNames(this.#spec).map((lane) => log.backlog(lane)));
    const oldest = Math.min(...backlogs.map(({ oldest = Infinity }) => oldest));
    return {
      subscription: this.#spec.name,
      depth: backlogs.reduce((sum, { depth }) => sum + depth, 0),
      oldestAgeSeconds: oldest === Infinity ? 0 : Math.max(0, now() - timeOf(oldest)) / 1000,
      outstanding: this.#leases.size,
      consumers: this.#consumers.length,
      expired: this.#expired,
      paused: this.#paused,
    };
  }

  async purge(): Promise<number> {
    return this.#drop(this.#options.log.last + 1, this.#spec.retainAcked);
  }

  /** Goes to a sequence: what is below it is dropped, what is retained from it on comes again. One call after the other. */
  seek(sequence: number): Promise<Sought> {
    const sought = this.#sought.then(() => this.#seek(sequence));
    this.#sought = sought.catch(() => {});
    return sought;
  }

  async #seek(sequence: number): Promise<Sought> {
    const { log } = this.#options;
    const settled: number[] = [];
    this.#settledMeanwhile = settled;
    await this.#pumped;
    try {
      const dropped = await this.#drop(sequence, this.#spec.retainAcked);
      const restored = await sumOver(laneNames(this.#spec), (lane) => log.restore(lane, sequence));
      this.#stopTimers();
      this.#upcoming.startAnew(sequence, [...this.#leases.messages(), ...this.#leaving], settled);
      return { dropped, restored };
    } finally {
      this.#settledMeanwhile = undefined;
      this.#pump();
    }
  }

  async #drop(below: number, retain = false): Promise<number> {
    this.#upcoming.dropBelow(below);
    const dropped = await sumOver(laneNames(this.#spec), (lane) => this.#options.log.drop(lane, below, retain));
    this.#pump();
    return dropped;
  }

  async #dropExpired(below: number): Promise<number | undefined> {
    this.#expired += await this.#drop(below);
    const { log } = this.#options;
    const backlogs = await Promise.all(laneNames(this.#spec).map((lane) => log.backlog(lane)));
    const oldest = Math.min(...backlogs.map(({ oldestKept = Infinity }) => oldestKept));
    return oldest === Infinity ? undefined : oldest;
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
    this.#stopTimers();
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
    return !this.#closed && !this.#paused && this.#settledMeanwhile === undefined && this.#consumers.length > 0;
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
    let room = 0;
    for (const consumer of this.#consumers) room += consumer.room;
    return this.#upcoming.take(Math.min(this.#options.maxOutstanding - this.#leases.size, room));
  }

  async #readAndDeliver(batch: Batch): Promise<void> {
    const { sequences } = batch;
    const messages = await this.#options.log.read(sequences).catch((error: unknown) => {
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
    const consumer = this.#closed ? undefined : leastBusy(this.#consumers);
    if (consumer === undefined) {
      this.#upcoming.comesAgain(this.#laneOf(message), message.sequence);
      return;
    }
    const lease = this.#leases.start(message, consumer, this.#upcoming.attemptsOf(message.sequence) + 1);
    consumer.began();
    this.#delivered++;
    void this.#awaitAnswer(lease);
  }

  async #awaitAnswer(lease: Lease): Promise<void> {
    const { message, attempt } = lease;
    const answer = await answerOf(lease, this.#deliveryOf(message, attempt));
    this.#leases.answer(lease, answer);
  }

  #deliveryOf(message: StoredMessage, attempt: number): Delivery {
    const { data, attributes, publishTime, orderingKey } = message;
    const always = {
      messageId: String(message.sequence),
      data,
      attributes,
      publishTime,
      subscription: this.#spec.name,
    };
    const keyed = orderingKey === undefined ? always : { ...always, orderingKey };
    // Pub/Sub counts where there is a dead-letter policy, and only there.
    return this.#spec.deadLetter === undefined ? keyed : { ...keyed, deliveryAttempt: attempt };
  }

  #settle(lease: Lease, answer: Acknowledgement): void {
    const { message, attempt, consumer } = lease;
    consumer.ended();
    if (answer === "ack") {
      this.#options.log.ack(this.#laneOf(message), message.sequence, this.#spec.retainAcked);
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
    const lane = this.#laneOf(message);
    this.#upcoming.failed(sequence, attempts);
    this.#options.log.nack(lane, sequence, attempts);
    const { random, retryScale } = this.#options;
    this.#later(retryDelayMs(this.#spec.retry, attempts, random()) * retryScale, () => {
      this.#upcoming.comesAgain(lane, sequence);
      this.#pump();
    });
  }

  #laneOf({ attributes }: StoredMessage): string {
    return laneFor(this.#spec, attributes);
  }

  #later(ms: number, then: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, ms).unref();
    this.#timers.add(timer);
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

function ageLimitMs({ retentionDays, messageTtlSeconds }: BrokerSubscription): number | undefined {
  const limit = Math.min((retentionDays ?? Infinity) * DAY_MS, (messageTtlSeconds ?? Infinity) * 1000);
  return limit === Infinity ? undefined : limit;
}

async function sumOver(lanes: readonly string[], count: (lane: string) => Promise<number>): Promise<number> {
  const counts = await Promise.all(lanes.map(count));
  return counts.reduce((sum, count) => sum + count, 0);
}

function leastBusy(consumers: readonly Consumer[]): Consumer | undefined {
  let least: Consumer | undefined;
  for (const consumer of consumers) {
    if (consumer.room > 0 && (least === undefined || consumer.running < least.running)) least = consumer;
  }
  return least;
}

/** A throw or a rejection is a nack. */
async function answerOf(lease: Lease, delivery: Delivery): Promise<Acknowledgement> {
  try {
    return await lease.consumer.take(delivery, lease);
  } catch {
    return "nack";
  }
}
