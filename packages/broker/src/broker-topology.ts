import type { ResolvedSubscription, ResolvedTopic } from "@contextpilot/topology";

/** What the broker reads of a topology: any {@link ResolvedTopology}, or a few topics and subscriptions of a test. */
export interface BrokerTopology {
  readonly topics: readonly Pick<ResolvedTopic, "name">[];
  readonly subscriptions: readonly BrokerSubscription[];
}

/** The `topic` of a subscription that hears every topic, but those of dead letters. */
export const EVERY_TOPIC = "*";

/** What passes the filter, is of one of the event types and matches one of the patterns, where there are some, is delivered once. */
export interface BrokerSubscription extends Pick<
  ResolvedSubscription,
  "name" | "topic" | "filter" | "ordered" | "ackDeadlineSeconds" | "retry" | "deadLetter"
> {
  /** By the attribute `event_type`: a type with its version, or a family for every version. Default: every message. */
  readonly eventTypes?: readonly string[];
  /** Patterns over routing keys: `*` is one word, `#` zero or more. Default: every message. */
  readonly patterns?: readonly string[];
  /** How long a message is kept, delivered or not; what is older is dropped, and counted. Default: for ever. */
  readonly retentionDays?: number;
  /** As `retentionDays`, for messages that are worth nothing a little later. The shorter of both counts. Default: none. */
  readonly messageTtlSeconds?: number;
  /** Keeps acked messages too, so that `seek` can bring them again. Default: false. */
  readonly retainAcked?: boolean;
  /**
   * Delivers by the attribute `priority`: critical before high before normal (also where there is none) before low, however long
   * the lower ones have been waiting. Not together with `ordered`. Default: false, in the order of publication.
   */
  readonly byPriority?: boolean;
}
