import type { PubSub } from "@google-cloud/pubsub";
import { PublishError, problemOfMessage, type OutgoingMessage, type Publisher } from "@contextpilot/messaging";
import { LazyClient, connect, type ChannelOptions, type PubsubConnection } from "./connection.ts";
import { OpenTopics } from "./open-topics.ts";
import { publishOptions, type BatchSettings } from "./publish-settings.ts";

export interface PubsubPublisherOptions extends PubsubConnection {
  readonly batch?: BatchSettings;
  /**
   * How long a request is tried, in milliseconds; then its messages have failed. Default: 8,000, which leaves a service time to
   * say so before Cloud Run ends it (10 s after SIGTERM), and GitHub a 503 before it gives up waiting (10 s).
   */
  readonly deadlineMs?: number;
  /**
   * Sends requests packed. Ten events together become a fifth of their bytes for 9 µs of processor time a KiB, one alone half of
   * them for 60 µs. Pub/Sub bills what is inside: it pays over a slow line, not within a region. Default: false.
   */
  readonly gzip?: boolean;
}

const DEADLINE_MS = 8_000;
/** Of what the SDK says, which repeats each of its tries. */
const MAX_REASON = 300;
/** grpc.compressionAlgorithms.gzip. */
const GZIP = 2;

/**
 * Google Pub/Sub. A routing key and `persistent: false` are nothing to it: it keeps every message, and knows no patterns.
 *
 * What is published together, or within some milliseconds, goes in one request a topic and ordering key; requests of one key follow
 * one another. Where one fails for good, everything that was published under its key before that became known fails with it, so
 * that nothing overtakes; the next call under the key is sent as if nothing had been. A request that ran into the deadline may
 * have arrived all the same: who publishes again may publish twice.
 *
 * A list with a message that Pub/Sub would refuse is refused whole, before anything is sent.
 */
export class PubsubPublisher implements Publisher {
  readonly #client: LazyClient<PubSub>;
  readonly #topics: OpenTopics;
  readonly #publishing = new Set<Promise<unknown>>();
  #isClosed = false;

  /** Connects at the first publish, or when asked to be {@link ready}. */
  constructor({ batch = {}, deadlineMs = DEADLINE_MS, gzip = false, ...connection }: PubsubPublisherOptions) {
    const channel: ChannelOptions = gzip ? { "grpc.default_compression_algorithm": GZIP } : {};
    this.#client = new LazyClient(() => connect(connection, channel));
    this.#topics = new OpenTopics(publishOptions(batch, deadlineMs));
  }

  /** Loads the SDK ahead of the first publish. */
  async ready(): Promise<void> {
    await this.#client.get();
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (this.#isClosed) throw new PublishError("the publisher has been closed", [...messages.keys()]);
    refuseInvalid(messages);
    const publishing = this.#send(messages);
    this.#publishing.add(publishing);
    try {
      return await publishing;
    } finally {
      this.#publishing.delete(publishing);
    }
  }

  /** Takes nothing more, waits until what it has is sent or has failed, and disconnects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Not the SDK's flush(): it sends a key's next request beside the one under way (docs/gotchas.md).
    await Promise.allSettled(this.#publishing);
    await this.#client.close();
  }

  async #send(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (messages.length === 0) return [];
    const pubsub = await this.#client.get();
    const ids: string[] = [];
    const failures: Failure[] = [];
    let left = messages.length;
    await new Promise<void>((resolve) => {
      for (const [place, message] of messages.entries()) {
        this.#topics.publish(pubsub, message, (reason, id) => {
          if (reason === undefined) ids[place] = id;
          else failures.push({ place, reason });
          if (--left === 0) resolve();
        });
      }
    });
    refuseFailed(messages, failures);
    return ids;
  }
}

interface Failure {
  readonly place: number;
  readonly reason: Error;
}

/** One bad message would fail the whole request, and with it the messages of others. */
function refuseInvalid(messages: readonly OutgoingMessage[]): void {
  const problems = [...messages.entries()].flatMap(([place, message]) => {
    const problem = problemOfMessage(message);
    return problem === undefined ? [] : [{ place, problem: `message ${place} to ${message.topic}: ${problem}` }];
  });
  const [first] = problems;
  if (first !== undefined) {
    throw new PublishError(
      first.problem,
      problems.map(({ place }) => place),
    );
  }
}

function refuseFailed(messages: readonly OutgoingMessage[], failures: readonly Failure[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const topics = [...new Set(failures.map(({ place }) => messages[place]?.topic))].join(", ");
  throw new PublishError(
    `${failures.length} of ${messages.length} messages did not get to ${topics}: ${first.reason.message.slice(0, MAX_REASON)}`,
    failures.map(({ place }) => place).sort((a, b) => a - b),
    { cause: first.reason },
  );
}
