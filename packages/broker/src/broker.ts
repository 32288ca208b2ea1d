import { isDeepStrictEqual } from "node:util";
import {
  IsoTimes,
  PublishError,
  problemOfMessage,
  systemClock,
  type Clock,
  type Deliver,
  type OutgoingMessage,
  type Publisher,
  type Subscriber,
  type Subscription,
} from "@contextpilot/messaging";
import type { BrokerSubscription, BrokerTopology } from "./broker-topology.ts";
import { deadLetterAttributes } from "./dead-letter.ts";
import { laneFor, laneNames } from "./lane.ts";
import type { MessageLog, NewMessage, StoredMessage } from "./message-log.ts";
import { MAX_ACK_DEADLINE_SECONDS, completed, refuseContradictions, type NewSubscription } from "./new-subscription.ts";
import { OpenSubscriptions } from "./open-subscriptions.ts";
import type { PulledDelivery, PullOptions } from "./pull.ts";
import { Routes, type Routed } from "./routes.ts";
import { sequenceAt } from "./sequences.ts";
import type { Sought, SubscriptionCounts } from "./subscription-counts.ts";
import { SubscriptionQueue } from "./subscription-queue.ts";
import { warn } from "./warn.ts";

export interface BrokerOptions {
  readonly topology: BrokerTopology;
  /** The broker's from now on: its `close` closes it. */
  readonly log: MessageLog;
  readonly clock?: Clock;
  /**
   * Multiplies both bounds of every retry, whose real values are 10-600 s. 0.01 makes them 0.1-6 s: for demos and tests.
   * Default: 1.
   */
  readonly retryScale?: number;
  /** Deliveries of one subscription that may run at once. More wait, in the log. Default: 100. */
  readonly maxOutstanding?: number;
  /** In [0, 1); scatters the retries. Default: Math.random. */
  readonly random?: () => number;
  /** Hears what nobody could be told: the log failed while messages were read or settled; it is tried again. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

export interface SubscribeOptions {
  /** Deliveries to this subscriber that may run at once, beside the subscription's own bound. Default: that bound alone. */
  readonly maxOutstanding?: number;
}

/**
 * Pub/Sub in one process, over a message log.
 *
 * Publishing: each subscription of the topic whose filter passes and whose patterns match gets its copy; a topic without one
 * drops the message. A list with a message that Pub/Sub would refuse is refused whole, before anything is taken. What was
 * published must not change afterwards.
 *
 * Delivery: as Subscriber promises. What fails or stays silent past the ack deadline waits from the subscription's minimum to
 * its maximum, doubling; an answer that comes after the deadline is ignored, whatever it says. After `maxDeliveryAttempts` the
 * message moves to the dead-letter topic with Pub/Sub's four attributes, in one commit. Failed deliveries are counted across
 * restarts; what was outstanding or waiting for its retry at a restart is delivered at once. What reaches its subscription's age
 * is dropped and counted, and is no dead letter.
 *
 * Every method that names a subscription throws or rejects with a TypeError where it is not there.
 */
export class Broker implements Publisher, Subscriber {
  readonly #routes: Routes;
  readonly #subscriptions: OpenSubscriptions;
  readonly #log: MessageLog;
  readonly #clock: Clock;
  readonly #times = new IsoTimes();
  readonly #options: Required<Pick<BrokerOptions, "retryScale" | "maxOutstanding" | "random" | "onError">>;
  #closing: Promise<void> | undefined;

  /** Throws a TypeError where a subscription names a topic that is not there, a FilterError where its filter does not parse. */
  constructor({
    topology,
    log,
    clock = systemClock,
    retryScale = 1,
    maxOutstanding = 100,
    random = Math.random,
    onError = warn,
  }: BrokerOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#options = { retryScale, maxOutstanding, random, onError };
    this.#routes = new Routes(topology.topics.map(({ name }) => name));
    this.#subscriptions = new OpenSubscriptions(this.#routes, (spec) => this.#queueFor(spec));
    for (const spec of topology.subscriptions) this.#add(spec);
    for (const spec of log.subscriptions()) this.#addSaved(spec);
  }

  #add(spec: BrokerSubscription): void {
    refuseContradictions(spec);
    this.#subscriptions.add(spec);
  }

  #addSaved(spec: BrokerSubscription): void {
    if (this.#subscriptions.has(spec.name)) return;
    try {
      refuseContradictions(spec);
      this.#subscriptions.addMadeAtRunTime(spec);
    } catch (error) {
      // Its topic went. The house starts all the same, and what the subscription has stays in the log.
      this.#options.onError(error);
    }
  }

  #queueFor(spec: BrokerSubscription): SubscriptionQueue {
    return new SubscriptionQueue(spec, {
      ...this.#options,
      log: this.#log,
      now: () => this.#clock.now().getTime(),
      moveToDeadLetters: (message, attempts) => this.#moveToDeadLetters(spec, message, attempts),
    });
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (messages.length === 0) return [];
    if (this.#closing !== undefined) throw new PublishError("the broker is closed", [...messages.keys()]);
    this.#refuseInvalid(messages);
    const publishTime = this.#times.of(this.#clock.now());
    const taken = messages.map((message) => ({
      topic: message.topic,
      data: message.data,
      attributes: message.attributes,
      publishTime,
      // Pub/Sub: the empty ordering key is none.
      orderingKey: message.orderingKey === "" ? undefined : message.orderingKey,
      persistent: message.persistent,
      subscriptions: this.#routes.lanesFor(message),
    }));
    let sequences: readonly number[];
    try {
      sequences = await this.#log.append(taken);
    } catch (error) {
      throw new PublishError("the message log did not take them", [...messages.keys()], { cause: error });
    }
    this.#wake(taken);
    return sequences.map(String);
  }

  /** How many subscriptions would get a message that was published now. */
  recipientsOf(message: Routed): number {
    return this.#routes.lanesFor(message).length;
  }

  #refuseInvalid(messages: readonly OutgoingMessage[]): void {
    if (messages.every((message) => this.#problemOf(message) === undefined)) return;
    const problems = messages.flatMap((message, place) => {
      const problem = this.#problemOf(message);
      return problem === undefined ? [] : [{ place, problem }];
    });
    const places = problems.map(({ place }) => place);
    throw new PublishError(`message ${places[0]}: ${problems[0]?.problem}`, places);
  }

  #problemOf(message: OutgoingMessage): string | undefined {
    return this.#routes.has(message.topic) ? problemOfMessage(message) : `there is no topic ${message.topic}`;
  }

  #wake(messages: readonly NewMessage[]): void {
    for (const { subscriptions } of messages) this.#subscriptions.wake(subscriptions);
  }

  async #moveToDeadLetters(spec: BrokerSubscription, message: StoredMessage, attempts: number): Promise<void> {
    const topic = spec.deadLetter?.topic ?? message.topic;
    const attributes = deadLetterAttributes(message, spec.name, attempts);
    const deadLetter: NewMessage = {
      ...message,
      topic,
      attributes,
      publishTime: this.#times.of(this.#clock.now()),
      subscriptions: this.#routes.lanesFor({ topic, attributes }),
    };
    const subscription = laneFor(spec, message.attributes);
    await this.#log.append([deadLetter], { subscription, sequence: message.sequence });
    this.#wake([deadLetter]);
  }

  async subscribe(
    subscription: string,
    deliver: Deliver,
    { maxOutstanding = Infinity }: SubscribeOptions = {},
  ): Promise<Subscription> {
    this.#refuseClosed();
    return this.#subscriptions.of(subscription).queue.subscribe(deliver, maxOutstanding);
  }

  /**
   * Makes a subscription; it hears what is published from now on, once this resolved. To ask again for one that was made with
   * the same options is fine, so that a program may do so at each start. Rejects with a TypeError where one of that name has
   * other options or is the topology's, or where the options contradict each other, with a FilterError for the filter.
   */
  async createSubscription(asked: NewSubscription): Promise<void> {
    this.#refuseClosed();
    const spec = completed(asked);
    if (this.#subscriptions.has(spec.name)) {
      const { queue } = this.#subscriptions.of(spec.name);
      if (this.#subscriptions.isMadeAtRunTime(spec.name) && isDeepStrictEqual(queue.spec, spec)) return;
      throw new TypeError(`there is a subscription ${spec.name} already, with other options`);
    }
    refuseContradictions(spec);
    this.#subscriptions.addMadeAtRunTime(spec);
    try {
      await this.#log.save(spec, asked.durable ?? false);
    } catch (error) {
      await this.#subscriptions.remove(spec.name);
      throw error;
    }
  }

  /**
   * Takes away a subscription made at run time, with all messages that it still had. Who subscribes to it hears no more, and
   * answers to what is outstanding say nothing. Rejects with a TypeError where it is the topology's.
   */
  async deleteSubscription(subscription: string): Promise<void> {
    const { spec } = this.#subscriptions.of(subscription).queue;
    if (!this.#subscriptions.isMadeAtRunTime(subscription)) {
      throw new TypeError(`subscription ${subscription} is the topology's, and stays as long as that names it`);
    }
    await this.#subscriptions.remove(subscription);
    for (const name of new Set([subscription, ...laneNames(spec)])) await this.#log.forget(name);
  }

  /**
   * Asks for messages, instead of hearing them: resolves with up to `maxMessages` as soon as there are some, or with none when
   * the wait is over or the broker closes. Each must be answered within the subscription's ack deadline, or `extend`ed.
   */
  async pull(subscription: string, options: PullOptions = {}): Promise<readonly PulledDelivery[]> {
    this.#refuseClosed();
    return this.#subscriptions.of(subscription).pull.pull(options);
  }

  /** Acks what was pulled. Gives the ids of those whose deadline had passed: their messages are delivered again. */
  ack(subscription: string, ackIds: readonly string[]): readonly string[] {
    return this.#subscriptions.of(subscription).pull.answer(ackIds, "ack");
  }

  /** Gives back what was pulled, to be delivered again later. Gives the ids of those whose deadline had passed. */
  nack(subscription: string, ackIds: readonly string[]): readonly string[] {
    return this.#subscriptions.of(subscription).pull.answer(ackIds, "nack");
  }

  /**
   * Moves the deadline of what was pulled to so many seconds from now; above 0, at most 600. Gives the ids of those whose
   * deadline had passed. Throws a TypeError for any other number of seconds.
   */
  extend(subscription: string, ackIds: readonly string[], seconds: number): readonly string[] {
    if (!(seconds > 0 && seconds <= MAX_ACK_DEADLINE_SECONDS)) {
      throw new TypeError(`a deadline is above 0 and at most ${MAX_ACK_DEADLINE_SECONDS} s away, got ${seconds}`);
    }
    return this.#subscriptions.of(subscription).pull.extend(ackIds, seconds);
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** A subscription's ack deadline, in seconds. */
  ackDeadlineSeconds(subscription: string): number {
    return this.#subscriptions.of(subscription).queue.spec.ackDeadlineSeconds;
  }

  /** Delivers no more of a subscription, neither by itself nor when asked; what is outstanding may end. Forgotten at a restart. */
  pause(subscription: string): void {
    this.#subscriptions.of(subscription).queue.pause();
  }

  /** Delivers again what a `pause` held up. */
  resume(subscription: string): void {
    this.#subscriptions.of(subscription).queue.resume();
  }

  /**
   * Goes to a time: what was published before it is not delivered any more, what was published since is delivered again, as far
   * as it is kept: all of it where the subscription retains what is acked, otherwise what is not acked. What is outstanding is
   * left to whoever has it. Times are those of this broker, to the millisecond.
   */
  async seek(subscription: string, time: Date): Promise<Sought> {
    if (Number.isNaN(time.getTime())) throw new TypeError(`cannot seek ${subscription} to an invalid date`);
    return this.#subscriptions.of(subscription).queue.seek(sequenceAt(time.getTime()));
  }

  /** Drops all that a subscription has to get, what is outstanding included, and resolves with how much that was. */
  async purge(subscription: string): Promise<number> {
    return this.#subscriptions.of(subscription).queue.purge();
  }

  /** What a subscription has to do. Takes the longer the deeper it is: on disk, about 5 ms for 100,000 messages. */
  async countsOf(subscription: string): Promise<SubscriptionCounts> {
    return this.#subscriptions.of(subscription).queue.counts();
  }

  /** What every subscription has to do, by name. */
  async counts(): Promise<readonly SubscriptionCounts[]> {
    const counts = await Promise.all(this.#subscriptions.all().map(({ queue }) => queue.counts()));
    return counts.sort((a, b) => (a.subscription < b.subscription ? -1 : 1));
  }

  /** Resolves when every message that somebody hears is handled, those included that its handling published, and none waits for a retry. */
  async whenIdle(): Promise<void> {
    for (;;) {
      const working = this.#subscriptions.all().filter(({ queue }) => !queue.isIdle);
      if (working.length === 0) return;
      await Promise.all(working.map(({ queue }) => queue.whenIdle()));
    }
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new Error("the broker is closed");
  }

  /**
   * Takes and delivers no more, waits for what runs (at most `graceMs`; default: 5 s), and closes the log. What was not
   * answered is delivered again after the next start. Safe to call again.
   */
  close({ graceMs = 5000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const open = this.#subscriptions.all();
    for (const { pull } of open) pull.stop();
    await Promise.all(open.map(({ queue }) => queue.close(graceMs)));
    await this.#log.close();
  }
}
