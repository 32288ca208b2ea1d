import { setTimeout as pause } from "node:timers/promises";
import type { Acknowledgement, Deliver, Subscriber, Subscription } from "@contextpilot/messaging";
import type { PulledDelivery, PullOptions } from "./pull.ts";
import { warn } from "./warn.ts";

/** Who gives messages to those who ask: the Broker. As there, methods give the ids of those that came too late. */
export interface PullSource {
  pull(subscription: string, options: PullOptions): Promise<readonly PulledDelivery[]>;
  ack(subscription: string, ackIds: readonly string[]): readonly string[];
  nack(subscription: string, ackIds: readonly string[]): readonly string[];
  extend(subscription: string, ackIds: readonly string[], seconds: number): readonly string[];
  /** Throws where the subscription is not there. */
  ackDeadlineSeconds(subscription: string): number;
  /** It gives nothing any more. */
  readonly isClosed: boolean;
}

export interface PullSubscriberOptions {
  /** Deliveries of one `subscribe` that run at once; no more are asked for. Default: 10. */
  readonly maxOutstanding?: number;
  /** How long a delivery may run, its deadline being moved all the while; then it is given up. Default: 3,600, an hour. */
  readonly maxExtensionSeconds?: number;
  /** Hears that a subscription could not be pulled; it is tried again after a second. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

const WAIT_MS = 30_000;
const AGAIN_AFTER_MS = 1000;

/** A Subscriber that asks for messages when it has room, and keeps those that take long. */
export class PullSubscriber implements Subscriber {
  readonly #source: PullSource;
  readonly #options: Required<PullSubscriberOptions>;

  constructor(source: PullSource, options: PullSubscriberOptions = {}) {
    this.#source = source;
    this.#options = { maxOutstanding: 10, maxExtensionSeconds: 3600, onError: warn, ...options };
  }

  async subscribe(subscription: string, deliver: Deliver): Promise<Subscription> {
    this.#source.ackDeadlineSeconds(subscription);
    return new PullLoop(this.#source, subscription, deliver, this.#options);
  }
}

class PullLoop implements Subscription {
  readonly #source: PullSource;
  readonly #subscription: string;
  readonly #deliver: Deliver;
  readonly #options: Required<PullSubscriberOptions>;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(source: PullSource, subscription: string, deliver: Deliver, options: Required<PullSubscriberOptions>) {
    this.#source = source;
    this.#subscription = subscription;
    this.#deliver = deliver;
    this.#options = options;
    this.#ended = this.#pullAndRun();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    await Promise.all(this.#running);
  }

  async #pullAndRun(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !this.#source.isClosed) {
      const room = this.#options.maxOutstanding - this.#running.size;
      if (room > 0) await this.#pull(room, signal);
      else await Promise.race(this.#running);
    }
  }

  async #pull(maxMessages: number, signal: AbortSignal): Promise<void> {
    try {
      const options = { maxMessages, waitMs: WAIT_MS, signal };
      for (const delivery of await this.#source.pull(this.#subscription, options)) this.#start(delivery);
    } catch (error) {
      this.#options.onError(error);
      await pause(AGAIN_AFTER_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  #start(delivery: PulledDelivery): void {
    const running = this.#run(delivery).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #run({ ackId, ...delivery }: PulledDelivery): Promise<void> {
    const extension = this.#keep(ackId);
    const answer = await this.#answerTo(delivery);
    clearInterval(extension);
    if (answer === "ack") this.#source.ack(this.#subscription, [ackId]);
    else this.#source.nack(this.#subscription, [ackId]);
  }

  async #answerTo(delivery: Parameters<Deliver>[0]): Promise<Acknowledgement> {
    try {
      return await this.#deliver(delivery);
    } catch {
      return "nack";
    }
  }

  /** Moves the deadline to its full length again whenever half of that is over. */
  #keep(ackId: string): NodeJS.Timeout {
    const seconds = this.#source.ackDeadlineSeconds(this.#subscription);
    const givenUpAt = performance.now() + this.#options.maxExtensionSeconds * 1000;
    const extension = setInterval(() => {
      const tooLate =
        performance.now() > givenUpAt || this.#source.extend(this.#subscription, [ackId], seconds).length > 0;
      if (tooLate) clearInterval(extension);
    }, seconds * 500).unref();
    return extension;
  }
}
