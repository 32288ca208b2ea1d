import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acknowledgement, Deliver, Delivery } from "@contextpilot/messaging";
import type { BrokerSubscription } from "./broker-topology.ts";
import { Consumer } from "./consumer.ts";
import { Fifo } from "./fifo.ts";
import { KeyedOrder } from "./keyed-order.ts";
import { Leases, type Lease } from "./leases.ts";
import type { MessageLog, StoredMessage } from "./message-log.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** What is pending is listed by pages of so many, the next page when fewer than a fifth are ready. */
const PAGE = 500;
/** With so many waiting for their retry no new message is tried: whoever should handle them cannot. */
const MAX_WAITING = 10_000;
/** After the log failed. */
const LOG_RETRY_MS = 1000;

export interface QueueOptions {
  readonly log: MessageLog;
  readonly maxOutstanding: number;
  readonly retryScale: number;
  readonly random: () => number;
  /** Moves a message that failed for the last time, in one commit. */
  readonly moveToDeadLetters: (message: StoredMessage, attempts: number) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

/**
 * Delivers one subscription's messages, in the order of publication but for retries; with ordering, strictly so within a key.
 * It holds numbers only: a message is read from the log when its turn comes, and let go when it is answered.
 */
export class SubscriptionQueue {
  readonly #spec: BrokerSubscription;
  readonly #options: QueueOptions;
  readonly #leases: Leases;
  readonly #consumers: Consumer[] = [];
  readonly #ready = new Fifo();
  readonly #order = new KeyedOrder();
  /** Failed deliveries, of the messages that have some. */
  readonly #attempts = new Map<number, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The last sequence that was listed, and whether the log may have more. */
  #last = 0;
  #more = true;
  /** Since others last had their turn. */
  #delivered = 0;
  #pumping = false;
  #pumped = Promise.resolve();
  #closed = false;
  readonly #drained = Promise.withResolvers<void>();

  constructor(spec: BrokerSubscription, options: QueueOptions) {
    this.#spec = spec;
    this.#options = options;
    this.#leases = new Leases(spec.ackDeadlineSeconds * 1000, (lease, answer) => this.#settle(lease, answer));
  }

  subscribe(deliver: Deliver): Consumer {
    const consumer: Consumer = new Consumer(deliver, () =>
      this.#consumers.splice(this.#consumers.indexOf(consumer), 1),
    );
    this.#consumers.push(consumer);
    this.#pump();
    return consumer;
  }

  /** The log has something new. */
  wake(): void {
    this.#more = true;
    this.#pump();
  }

  /** Delivers no more, and resolves when what runs is answered or the grace is over. What is not answered stays in the log. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#pumped;
    if (this.#leases.size > 0) {
      const grace = setTimeout(this.#drained.resolve, graceMs);
      await this.#drained.promise;
      clearTimeout(grace);
    }
    this.#leases.clear();
  }

  /** One at a time; whoever comes meanwhile is served by the one that runs. */
  #pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    this.#pumped = this.#deliverReady();
  }

  async #deliverReady(): Promise<void> {
    try {
      for (;;) {
        await this.#leaveTurn();
        if (this.#wantsMore()) await this.#list();
        const batch = this.#takeReady();
        if (batch.length > 0) await this.#readAndDeliver(batch);
        else if (!this.#wantsMore()) return;
      }
    } catch (error) {
      this.#later(LOG_RETRY_MS, () => this.#pump());
      this.#options.onError(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** Subscribers that answer at once would keep the event loop for a whole backlog: now and then others have their turn. */
  async #leaveTurn(): Promise<void> {
    if (this.#delivered < PAGE || this.#ready.length === 0) return;
    this.#delivered = 0;
    await nextTurn();
  }

  #wantsMore(): boolean {
    const idle = this.#closed || this.#consumers.length === 0;
    return this.#more && !idle && this.#ready.length < PAGE / 5 && this.#timers.size < MAX_WAITING;
  }

  async #list(): Promise<void> {
    this.#more = false;
    const page = await this.#options.log.pending(this.#spec.name, this.#last, PAGE).catch((error: unknown) => {
      this.#more = true;
      throw error;
    });
    if (page.length === PAGE) this.#more = true;
    for (const { sequence, attempts, orderingKey } of page) {
      this.#last = sequence;
      if (attempts > 0) this.#attempts.set(sequence, attempts);
      const keyed = this.#spec.ordered && orderingKey !== undefined;
      if (!keyed || this.#order.admit(sequence, orderingKey)) this.#ready.push(sequence);
    }
  }

  #takeReady(): number[] {
    const batch: number[] = [];
    if (this.#closed || this.#consumers.length === 0) return batch;
    for (let free = this.#options.maxOutstanding - this.#leases.size; free > 0; free--) {
      const sequence = this.#ready.shift();
      if (sequence === undefined) break;
      batch.push(sequence);
    }
    return batch;
  }

  async #readAndDeliver(batch: readonly number[]): Promise<void> {
    const messages = await this.#options.log.read(batch).catch((error: unknown) => {
      for (const sequence of batch.toReversed()) this.#ready.unshift(sequence);
      throw error;
    });
    for (const [place, sequence] of batch.entries()) {
      const message = messages[place];
      if (message === undefined) this.#release(sequence);
      else this.#deliver(message);
    }
  }

  /** To the consumer with the least to do; back into the queue where the last one left meanwhile. */
  #deliver(message: StoredMessage): void {
    const consumer = this.#closed ? undefined : leastBusy(this.#consumers);
    if (consumer === undefined) {
      this.#ready.push(message.sequence);
      return;
    }
    const attempt = (this.#attempts.get(message.sequence) ?? 0) + 1;
    const lease = this.#leases.start(message, consumer, attempt);
    consumer.began();
    this.#delivered++;
    void this.#awaitAnswer(lease);
  }

  async #awaitAnswer(lease: Lease): Promise<void> {
    const { consumer, message, attempt } = lease;
    const answer = await answerOf(consumer, this.#deliveryOf(message, attempt));
    this.#leases.answer(lease, answer);
  }

  #deliveryOf(message: StoredMessage, attempt: number): Delivery {
    return {
      messageId: String(message.sequence),
      data: message.data,
      attributes: message.attributes,
      publishTime: message.publishTime,
      subscription: this.#spec.name,
      ...(message.orderingKey === undefined ? {} : { orderingKey: message.orderingKey }),
      // Pub/Sub counts where there is a dead-letter policy, and only there.
      ...(this.#spec.deadLetter === undefined ? {} : { deliveryAttempt: attempt }),
    };
  }

  #settle(lease: Lease, answer: Acknowledgement): void {
    const { message, attempt, consumer } = lease;
    consumer.ended();
    if (answer === "ack") {
      this.#options.log.ack(this.#spec.name, message.sequence);
      this.#release(message.sequence);
    } else if (this.#spec.deadLetter !== undefined && attempt >= this.#spec.deadLetter.maxDeliveryAttempts) {
      void this.#giveUp(message, attempt);
    } else {
      this.#retry(message.sequence, attempt);
    }
    if (this.#closed && this.#leases.size === 0) this.#drained.resolve();
    this.#pump();
  }

  async #giveUp(message: StoredMessage, attempt: number): Promise<void> {
    try {
      await this.#options.moveToDeadLetters(message, attempt);
    } catch (error) {
      this.#retry(message.sequence, attempt);
      this.#options.onError(error);
      return;
    }
    this.#release(message.sequence);
    this.#pump();
  }

  #retry(sequence: number, attempts: number): void {
    this.#attempts.set(sequence, attempts);
    this.#options.log.nack(this.#spec.name, sequence, attempts);
    const { random, retryScale } = this.#options;
    this.#later(retryDelayMs(this.#spec.retry, attempts, random()) * retryScale, () => {
      this.#ready.push(sequence);
      this.#pump();
    });
  }

  /** The message is settled; with ordering, the next of its key may go. */
  #release(sequence: number): void {
    this.#attempts.delete(sequence);
    const next = this.#order.release(sequence);
    if (next !== undefined) this.#ready.push(next);
  }

  #later(ms: number, then: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, ms).unref();
    this.#timers.add(timer);
  }
}

function leastBusy(consumers: readonly Consumer[]): Consumer | undefined {
  let least = consumers[0];
  for (const consumer of consumers) if (least !== undefined && consumer.running < least.running) least = consumer;
  return least;
}

/** A throw or a rejection is a nack. */
async function answerOf({ deliver }: Consumer, delivery: Delivery): Promise<Acknowledgement> {
  try {
    return await deliver(delivery);
  } catch {
    return "nack";
  }
}
