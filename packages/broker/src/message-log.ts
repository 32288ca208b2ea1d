import type { Attributes } from "@contextpilot/events";

/** A message as publishers hand it in, with the subscriptions that get it. */
export interface NewMessage {
  readonly topic: string;
  readonly data: Uint8Array;
  readonly attributes: Attributes;
  /** UTC, ISO 8601. */
  readonly publishTime: string;
  readonly orderingKey?: string | undefined;
  /** Names. A message that nobody gets is numbered and not kept. */
  readonly subscriptions: readonly string[];
}

export interface StoredMessage extends Omit<NewMessage, "subscriptions"> {
  /** Its place among all messages: each later one has a higher number. The message id in the log's own terms. */
  readonly sequence: number;
}

/** That a subscription still has to get a message: little enough that a long backlog can be walked through. */
export interface Pending {
  readonly sequence: number;
  /** Deliveries that failed so far. */
  readonly attempts: number;
  readonly orderingKey?: string | undefined;
}

/**
 * What the broker keeps: messages, and for each subscription which of them it still has to get.
 *
 * - `append` keeps all messages or none, durably (as far as this log is durable) when it resolves with their sequences. Calls
 *   are numbered in their order. `settles` is acked in the same commit: how a message moves to the dead letters. Sequences are
 *   safe integers; a log put in the place of an older one does not repeat them: they start at the microseconds of its opening.
 * - `ack` takes a message off a subscription; it goes when no subscription needs it any more. `nack` keeps the count of failed
 *   deliveries. Both come in for each delivery, so a log writes them later, together: a crash may forget the last of them, and
 *   their messages are delivered again.
 * - `pending` lists up to `limit` of what a subscription has to get with a sequence above `after`, in order. Who goes on from
 *   the last one sees everything, also what was appended meanwhile.
 * - `read` gives the messages in the order asked, undefined for what is not there any more.
 * - `close` writes what is left.
 */
export interface MessageLog {
  append(messages: readonly NewMessage[], settles?: Settled): Promise<readonly number[]>;
  ack(subscription: string, sequence: number): void;
  nack(subscription: string, sequence: number, attempts: number): void;
  pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]>;
  read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]>;
  close(): Promise<void>;
}

export interface Settled {
  readonly subscription: string;
  readonly sequence: number;
}

/** Where a log opened now starts to count. Good to 2^53, in the year 2255, at a million messages a second. */
export const firstSequence = (): number => Date.now() * 1000;
