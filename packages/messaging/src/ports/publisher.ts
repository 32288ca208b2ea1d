import type { Attributes } from "@contextpilot/events";

/** What goes onto the bus. {@link messageOf} makes one of an event; a dead letter is made of the bytes that came in. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly data: Uint8Array;
  /** Pub/Sub: 100 at most, keys to 256 bytes, values to 1,024 bytes. */
  readonly attributes: Attributes;
  readonly orderingKey?: string;
  /** What pattern subscriptions look at: words with dots between them, 255 bytes at most. Without one only `#` matches. */
  readonly routingKey?: string;
  /** False: it may be lost when the bus stops, and costs the bus no disk. Default: true. */
  readonly persistent?: boolean;
}

/**
 * Puts messages onto the bus.
 *
 * `publish` resolves with the bus's message ids, in the order given, when the bus has every message: durably, where the message does
 * not say otherwise. Messages with the same ordering key keep the order of the calls and of the list. It rejects with a
 * PublishError that names which messages were not taken; the others may have been. Who publishes again may publish twice:
 * consumers drop what they have by event_id.
 */
export interface Publisher {
  publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]>;
}

/** Some messages were not taken: their places in the list given to `publish`. */
export class PublishError extends Error {
  override readonly name = "PublishError";
  readonly failed: readonly number[];

  constructor(problem: string, failed: readonly number[], options?: ErrorOptions) {
    super(problem, options);
    this.failed = failed;
  }
}
