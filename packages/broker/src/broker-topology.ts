import type { ResolvedSubscription, ResolvedTopic } from "@contextpilot/topology";

/** What the broker reads of a topology: any {@link ResolvedTopology}, or a few topics and subscriptions of a test. */
export interface BrokerTopology {
  readonly topics: readonly Pick<ResolvedTopic, "name">[];
  readonly subscriptions: readonly BrokerSubscription[];
}

export type BrokerSubscription = Pick<
  ResolvedSubscription,
  "name" | "topic" | "filter" | "ordered" | "ackDeadlineSeconds" | "retry" | "deadLetter"
>;
