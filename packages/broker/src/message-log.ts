import type { Attributes } from "@contextpilot/events";
import type { BrokerSubscription } from "./broker-topology.ts";

/** A message as publishers hand it in, with the subscriptions that get it. */
export interface NewMessage {
  readonly topic: string;
  readonly data: Uint8Array;
  readonly attributes: Attributes;
  /** UTC, ISO 8601. */
  readonly publishTime: string;
  readonly orderingKey?: string | undefined;
  /** False: it stays in memory, whatever the log. Default: true. */
  readonly persistent?: boolean | undefined;
  /** Names. A message that nobody gets is numbered and not kept. */
  readonly subscriptions: readonly string[];
}

export interface StoredMessage extends Omit<NewMessage, "subscriptions" | "persistent"> {
  /** Its place among all messages, and when it was published: {@link sequenceAt}. The message id in the log's own terms. */
  readonly sequence: number;
}

/** That a subscription still has to get a message: little enough that a long backlog can be walked through. */
export interface Pending {
  readonly sequence: number;
  /** Deliveries that failed so far. */
  readonly attempts: number;
  readonly orderingKey?: string | undefined;
}

/** What a log has for one subscription. */
export interface Backlog {
  /** Messages that it still has to get. */
  readonly depth: number;
  /** The lowest sequence among them. */
  readonly oldest: number | undefined;
  /** The lowest sequence among them and those that are retained. */
  readonly oldestKept: number | undefined;
}

/**
 * What the broker keeps: messages, and for each subscription which of them it still has to get.
 *
 * - `append` keeps all messages or none, durably (as far as this log is durable) when it resolves with their sequences. Calls
 *   are numbered in their order. `settles` is acked in the same commit: how a message moves to the dead letters. Sequences are
 *   safe integers that follow from the time of publication: {@link Sequences}. `last` is the highest one given.
 * - `ack` takes a message off a subscription; it goes when no subscription needs it any more. With `retain` it stays for
 *   `restore`. `nack` keeps the count of failed deliveries. Both come in for each delivery, so a log writes them later, together:
 *   a crash may forget the last of them, and their messages are delivered again. The methods below know what came in before.
 * - `pending` lists up to `limit` of what a subscription has to get with a sequence above `after`, in order. Who goes on from
 *   the last one sees everything, also what was appended meanwhile.
 * - `read` gives the messages in the order asked, undefined for what is not there any more.
 * - `drop` acks all that a subscription has to get below a sequence, and resolves with how many there were. Without `retain`
 *   what was retained below it goes too. `restore` makes pending again what was retained from a sequence on.
 * - `save` keeps a subscription made at run time: a durable one is among `subscriptions` after the next opening, the messages of
 *   any other are never on disk. `forget` takes one away, with all that it has.
 * - `close` writes what is left.
 */
export interface MessageLog {
  readonly last: number;
  append(messages: readonly NewMessage[], settles?: Settled): Promise<readonly number[]>;
  ack(subscription: string, sequence: number, retain?: boolean): void;
  nack(subscription: string, sequence: number, attempts: number): void;
  pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]>;
  read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]>;
  backlog(subscription: string): Promise<Backlog>;
  drop(subscription: string, below: number, retain?: boolean): Promise<number>;
  restore(subscription: string, from: number): Promise<number>;
  subscriptions(): readonly BrokerSubscription[];
  save(subscription: BrokerSubscription, durable: boolean): Promise<void>;
  forget(subscription: string): Promise<void>;
  close(): Promise<void>;
}

export interface Settled {
  readonly subscription: string;
  readonly sequence: number;
}
