import type { Deliver, Subscription } from "@contextpilot/messaging";
import type { Broker } from "../broker.ts";
import type { NewSubscription } from "../new-subscription.ts";
import { DEAD_LETTER_TOPIC, TOPIC } from "./bus-message.ts";
import type { HandlerOptions } from "./bus-subscription.ts";

/** A handler that hears. */
export interface BusSubscription extends AsyncDisposable {
  /** The handler's group, or a number. */
  readonly name: string;
  /** Calls the handler no more, and resolves when the calls that run have ended. Safe to call again. */
  unsubscribe(): Promise<void>;
}

/** Tries of a handler, where nothing else is said. */
export const MAX_ATTEMPTS = 5;
const RETRY = { minimumSeconds: 0.1, maximumSeconds: 10 };
// Pub/Sub's longest ack deadline.
const TIMEOUT_SECONDS = 600;
const MAX_CONCURRENT = 100;

/** The bus's subscriptions: one for each group of handlers, there as long as somebody hears it. */
export class Groups {
  readonly #broker: Broker;
  readonly #members = new Map<string, number>();
  readonly #registered = new Set<unknown>();
  #numbered = 0;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  get handlers(): number {
    let count = 0;
    for (const members of this.#members.values()) count += members;
    return count;
  }

  get subscriptions(): number {
    return this.#members.size;
  }

  /** Different handlers that ever heard. */
  get registered(): number {
    return this.#registered.size;
  }

  async join(
    what: Partial<NewSubscription>,
    handle: unknown,
    deliver: Deliver,
    options: HandlerOptions,
  ): Promise<BusSubscription> {
    const { group, durable = false, maxConcurrent = MAX_CONCURRENT } = options;
    if (durable && group === undefined) throw new TypeError("a durable subscription needs a group, to be found again");
    const name = group ?? `handler-${++this.#numbered}`;
    // Counted first: a member that leaves at the same time must not take the subscription along.
    this.#members.set(name, (this.#members.get(name) ?? 0) + 1);
    try {
      await this.#broker.createSubscription({
        ...subscriptionOf(name, what.topic ?? TOPIC, options),
        ...what,
        durable,
      });
      const subscription = await this.#broker.subscribe(name, deliver, { maxOutstanding: maxConcurrent });
      this.#registered.add(handle);
      return this.#member(name, subscription, durable);
    } catch (error) {
      this.#left(name);
      throw error;
    }
  }

  #member(name: string, subscription: Subscription, durable: boolean): BusSubscription {
    let leaving: Promise<void> | undefined;
    const leave = async (): Promise<void> => {
      await subscription.stop();
      const last = this.#left(name);
      if (last && !durable && !this.#broker.isClosed) await this.#broker.deleteSubscription(name);
    };
    const unsubscribe = (): Promise<void> => (leaving ??= leave());
    return { name, unsubscribe, [Symbol.asyncDispose]: unsubscribe };
  }

  /** Whether nobody is left. */
  #left(name: string): boolean {
    const members = (this.#members.get(name) ?? 1) - 1;
    if (members > 0) this.#members.set(name, members);
    else this.#members.delete(name);
    return members === 0;
  }
}

function subscriptionOf(name: string, topic: string, options: HandlerOptions): NewSubscription {
  const { ordered = false, byPriority, messageTtlSeconds, retry = RETRY, autoAck } = options;
  const maxDeliveryAttempts = autoAck ? 1 : (options.maxAttempts ?? MAX_ATTEMPTS);
  return {
    name,
    topic,
    ordered,
    retry,
    ackDeadlineSeconds: options.timeoutSeconds ?? TIMEOUT_SECONDS,
    // The broker's own dead letters are of handlers that never ended; the others have a reason.
    ...(topic === DEAD_LETTER_TOPIC ? {} : { deadLetter: { topic: DEAD_LETTER_TOPIC, maxDeliveryAttempts } }),
    ...(byPriority === undefined ? {} : { byPriority }),
    ...(messageTtlSeconds === undefined ? {} : { messageTtlSeconds }),
  };
}
