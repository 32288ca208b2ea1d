import { setTimeout as pause } from "node:timers/promises";
import type { Message, PubSub, Subscription as SdkSubscription, SubscriptionOptions } from "@google-cloud/pubsub";
import type { Acknowledgement, Deliver, Delivery, Subscription } from "@contextpilot/messaging";
import { KeyLanes } from "./key-lanes.ts";

export interface StreamOptions {
  /** As it is called in the project. */
  readonly subscription: string;
  /** One message of a key at a time. */
  readonly ordered: boolean;
  readonly maxOutstanding: number;
  readonly settings: SubscriptionOptions;
  readonly onError: (error: unknown) => void;
}

/** After the service closed the stream for good: the subscription is gone, or may not be read; that can be mended. */
const AGAIN_AFTER_MS = 1_000;

/**
 * A subscription that is heard. The SDK keeps the stream and the leases; here are what may run at once, the order of keys, and the
 * end: it takes all that the stream has brought, so that what was not begun can be given back at once.
 */
export class SubscriptionStream implements Subscription {
  readonly #pubsub: PubSub;
  readonly #deliver: Deliver;
  readonly #options: StreamOptions;
  readonly #lanes: KeyLanes<Message>;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #stream: SdkSubscription;
  #stopped: Promise<void> | undefined;

  constructor(pubsub: PubSub, deliver: Deliver, options: StreamOptions) {
    this.#pubsub = pubsub;
    this.#deliver = deliver;
    this.#options = options;
    this.#lanes = new KeyLanes((message) => (options.ordered && message.orderingKey) || undefined);
    this.#stream = this.#open();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    this.#stopping.abort();
    // Closes the stream now, and resolves when all that it brought has been answered.
    const closed = this.#stream.close();
    for (const message of this.#lanes.empty()) message.nack();
    await Promise.all(this.#running);
    await closed;
  }

  #open(): SdkSubscription {
    const stream = this.#pubsub.subscription(this.#options.subscription, this.#options.settings);
    stream.on("error", (error) => {
      if (this.#stopping.signal.aborted) return;
      this.#options.onError(error);
      void this.#openAgain(stream);
    });
    stream.on("message", (message) => this.#take(message));
    return stream;
  }

  async #openAgain(failed: SdkSubscription): Promise<void> {
    const { signal } = this.#stopping;
    await pause(AGAIN_AFTER_MS, undefined, { signal, ref: false }).catch(() => undefined);
    // A stream may say more than one error.
    if (!signal.aborted && this.#stream === failed) this.#stream = this.#open();
  }

  #take(message: Message): void {
    if (this.#stopping.signal.aborted) return message.nack();
    this.#lanes.add(message);
    this.#startNext();
  }

  #startNext(): void {
    while (this.#running.size < this.#options.maxOutstanding) {
      const message = this.#lanes.next();
      if (message === undefined) return;
      const running = this.#run(message).finally(() => {
        this.#running.delete(running);
        this.#startNext();
      });
      this.#running.add(running);
    }
  }

  async #run(message: Message): Promise<void> {
    if ((await this.#answerTo(message)) === "ack") {
      message.ack();
      this.#lanes.done(message);
      return;
    }
    message.nack();
    // The service brings these again too, behind the one that failed.
    for (const behind of this.#lanes.failed(message)) behind.nack();
  }

  async #answerTo(message: Message): Promise<Acknowledgement> {
    try {
      return await this.#deliver(deliveryOf(message, this.#options.subscription));
    } catch {
      return "nack";
    }
  }
}

function deliveryOf(message: Message, subscription: string): Delivery {
  const { id, data, attributes, orderingKey, publishTime, deliveryAttempt } = message;
  return {
    messageId: id,
    data,
    attributes,
    publishTime: new Date(publishTime.getTime()).toISOString(),
    ...(orderingKey && { orderingKey }),
    subscription,
    // The SDK's 0 is "not counted".
    ...(deliveryAttempt > 0 && { deliveryAttempt }),
  };
}
