import type { PubSub, SubscriptionOptions } from "@google-cloud/pubsub";
import type { Deliver, Subscriber, Subscription } from "@contextpilot/messaging";
import { LazyClient, connect, loadSdk, type PubsubConnection } from "./connection.ts";
import { SubscriptionStream } from "./subscription-stream.ts";

export interface PubsubSubscriberOptions extends PubsubConnection {
  /** Deliveries of one `subscribe` that run at once; the service sends no more than these. Default: 10. */
  readonly maxOutstanding?: number;
  /** Data that one `subscribe` has in memory. Default: 100 MB. */
  readonly maxOutstandingBytes?: number;
  /** How long a delivery may run, its deadline being moved all the while; then it is given up. Default: 3,600, an hour. */
  readonly maxExtensionSeconds?: number;
  /** Hears that a subscription's stream broke for good; it is opened again after a second. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** How long an answer waits for others to go with: the service sends nothing new in its place meanwhile. */
const ANSWERS_WAIT_MS = 10;
/** The longest pause before a stream that broke is tried again; the SDK would pause up to a minute. */
const STREAM_AGAIN_SECONDS = 5;
/** gRPC's codes: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const PERMISSION_DENIED = 7;

/**
 * Pulls from Google Pub/Sub by streams, for what has no door of its own: the audit, workers, jobs.
 *
 * A nack comes again when the subscription's retry policy says so; without one, at once. With ordering, one message of a key runs
 * at a time, and what stood behind one that failed is given back with it. `stop` answers what runs and gives back what has not
 * begun.
 */
export class PubsubSubscriber implements Subscriber {
  readonly #client: LazyClient<PubSub>;
  readonly #options: Required<Omit<PubsubSubscriberOptions, keyof PubsubConnection>>;
  readonly #open = new Set<Subscription>();

  /** Connects at the first `subscribe`. */
  constructor({ projectId, emulatorHost, ...options }: PubsubSubscriberOptions) {
    this.#client = new LazyClient(() => connect({ projectId, emulatorHost }));
    this.#options = {
      maxOutstanding: 10,
      maxOutstandingBytes: 100_000_000,
      maxExtensionSeconds: 3_600,
      onError: (error) => process.emitWarning(error instanceof Error ? error : String(error)),
      ...options,
    };
  }

  async subscribe(subscription: string, deliver: Deliver): Promise<Subscription> {
    const pubsub = await this.#client.get();
    const ordered = await isOrdered(pubsub, subscription);
    const { maxOutstanding, onError } = this.#options;
    const settings = await this.#settings();
    const stream = new SubscriptionStream(pubsub, deliver, {
      subscription,
      ordered,
      maxOutstanding,
      settings,
      onError,
    });
    this.#open.add(stream);
    return { stop: () => stream.stop().finally(() => this.#open.delete(stream)) };
  }

  /** Stops every subscription, and disconnects. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#open, (stream) => stream.stop()));
    this.#open.clear();
    await this.#client.close();
  }

  async #settings(): Promise<SubscriptionOptions> {
    const { Duration } = await loadSdk();
    const { maxOutstanding, maxOutstandingBytes, maxExtensionSeconds } = this.#options;
    return {
      flowControl: { maxMessages: maxOutstanding, maxBytes: maxOutstandingBytes, allowExcessMessages: true },
      maxExtensionTime: Duration.from({ seconds: maxExtensionSeconds }),
      // Each stream would have the whole bound for itself; one carries 10 MB/s.
      streamingOptions: { maxStreams: 1, retryMaxBackoff: Duration.from({ seconds: STREAM_AGAIN_SECONDS }) },
      batching: { maxMilliseconds: ANSWERS_WAIT_MS },
      closeOptions: { behavior: "WAIT" },
    };
  }
}

/** Rejects where the subscription is not there. Who may consume may not always look: then its order is kept, in case. */
async function isOrdered(pubsub: PubSub, subscription: string): Promise<boolean> {
  try {
    const [{ enableMessageOrdering }] = await pubsub.subscription(subscription).getMetadata();
    return enableMessageOrdering === true;
  } catch (error) {
    if ((error as { code?: unknown }).code === PERMISSION_DENIED) return true;
    throw new Error(`subscription ${subscription} cannot be heard: ${(error as Error).message}`, { cause: error });
  }
}
