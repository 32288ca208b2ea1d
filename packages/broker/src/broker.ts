import type { Attributes } from "@contextpilot/events";
import {
  PublishError,
  systemClock,
  type Clock,
  type Deliver,
  type OutgoingMessage,
  type Publisher,
  type Subscriber,
  type Subscription,
} from "@contextpilot/messaging";
import { parseFilter, passes, type Filter } from "@contextpilot/topology";
import type { BrokerSubscription, BrokerTopology } from "./broker-topology.ts";
import { problemOf } from "./check-message.ts";
import { deadLetterAttributes } from "./dead-letter.ts";
import type { MessageLog, NewMessage, StoredMessage } from "./message-log.ts";
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

interface Recipient {
  readonly name: string;
  readonly filter: Filter | undefined;
  readonly queue: SubscriptionQueue;
}

/**
 * Pub/Sub in one process, over a message log.
 *
 * Publishing: each subscription of the topic whose filter passes gets its copy; a topic without one drops the message. A list
 * with a message that Pub/Sub would refuse is refused whole, before anything is taken. What was published must not change afterwards.
 *
 * Delivery: as Subscriber promises. What fails or stays silent past the ack deadline waits from the subscription's minimum to
 * its maximum, doubling; an answer that comes after the deadline is ignored, whatever it says. After `maxDeliveryAttempts` the
 * message moves to the dead-letter topic with Pub/Sub's four attributes, in one commit. Failed deliveries are counted across
 * restarts; what was outstanding or waiting for its retry at a restart is delivered at once.
 */
export class Broker implements Publisher, Subscriber {
  readonly #topics: ReadonlyMap<string, Recipient[]>;
  readonly #queues = new Map<string, SubscriptionQueue>();
  readonly #log: MessageLog;
  readonly #clock: Clock;
  #closing: Promise<void> | undefined;

  /** Throws a TypeError where a subscription names a topic that is not there, a FilterError where its filter does not parse. */
  constructor({ topology, log, clock = systemClock, ...options }: BrokerOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#topics = new Map(topology.topics.map(({ name }) => [name, []]));
    for (const spec of topology.subscriptions) this.#addSubscription(spec, options);
  }

  #addSubscription(
    spec: BrokerSubscription,
    {
      retryScale = 1,
      maxOutstanding = 100,
      random = Math.random,
      onError = warn,
    }: Omit<BrokerOptions, "topology" | "log" | "clock">,
  ): void {
    const recipients = this.#topics.get(spec.topic);
    const deadLetterTopic = spec.deadLetter?.topic ?? spec.topic;
    if (recipients === undefined || !this.#topics.has(deadLetterTopic)) {
      const missing = recipients === undefined ? spec.topic : deadLetterTopic;
      throw new TypeError(`subscription ${spec.name} names a topic that is not there: ${missing}`);
    }
    const queue = new SubscriptionQueue(spec, {
      log: this.#log,
      maxOutstanding,
      retryScale,
      random,
      onError,
      moveToDeadLetters: (message, attempts) => this.#moveTo(deadLetterTopic, message, spec.name, attempts),
    });
    this.#queues.set(spec.name, queue);
    recipients.push({
      name: spec.name,
      filter: spec.filter === undefined ? undefined : parseFilter(spec.filter),
      queue,
    });
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (messages.length === 0) return [];
    if (this.#closing !== undefined) throw new PublishError("the broker is closed", [...messages.keys()]);
    this.#refuseInvalid(messages);
    const publishTime = this.#clock.now().toISOString();
    const sequences = await this.#append(
      messages.map(({ topic, data, attributes, orderingKey }) => ({
        topic,
        data,
        attributes,
        publishTime,
        // Pub/Sub: the empty ordering key is none.
        orderingKey: orderingKey === "" ? undefined : orderingKey,
        subscriptions: this.#recipientsOf(topic, attributes),
      })),
    );
    return sequences.map(String);
  }

  #refuseInvalid(messages: readonly OutgoingMessage[]): void {
    const problems = messages.map((message) =>
      this.#topics.has(message.topic) ? problemOf(message) : `there is no topic ${message.topic}`,
    );
    const failed = problems.flatMap((problem, place) => (problem === undefined ? [] : [place]));
    const [first] = failed;
    if (first !== undefined) throw new PublishError(`message ${first}: ${problems[first]}`, failed);
  }

  #recipientsOf(topic: string, attributes: Attributes): readonly string[] {
    const names: string[] = [];
    for (const { name, filter } of this.#topics.get(topic) ?? []) {
      if (filter === undefined || passes(filter, attributes)) names.push(name);
    }
    return names;
  }

  async #append(messages: readonly NewMessage[]): Promise<readonly number[]> {
    const sequences = await this.#log.append(messages).catch((error: unknown) => {
      throw new PublishError("the message log did not take them", [...messages.keys()], { cause: error });
    });
    this.#wake(messages);
    return sequences;
  }

  #wake(messages: readonly NewMessage[]): void {
    for (const { subscriptions } of messages) for (const name of subscriptions) this.#queues.get(name)?.wake();
  }

  async #moveTo(topic: string, message: StoredMessage, subscription: string, attempts: number): Promise<void> {
    const attributes = deadLetterAttributes(message, subscription, attempts);
    const deadLetter: NewMessage = {
      ...message,
      topic,
      attributes,
      publishTime: this.#clock.now().toISOString(),
      subscriptions: this.#recipientsOf(topic, attributes),
    };
    await this.#log.append([deadLetter], { subscription, sequence: message.sequence });
    this.#wake([deadLetter]);
  }

  // oxlint-disable-next-line require-await
  async subscribe(subscription: string, deliver: Deliver): Promise<Subscription> {
    const queue = this.#queues.get(subscription);
    if (queue === undefined) throw new TypeError(`there is no subscription ${subscription}`);
    if (this.#closing !== undefined) throw new Error("the broker is closed");
    return queue.subscribe(deliver);
  }

  /**
   * Takes and delivers no more, waits for what runs (at most `graceMs`; default: 5 s), and closes the log. What was not
   * answered is delivered again after the next start. Safe to call again.
   */
  close({ graceMs = 5000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= Promise.all([...this.#queues.values()].map((queue) => queue.close(graceMs))).then(() =>
      this.#log.close(),
    );
    return this.#closing;
  }
}
