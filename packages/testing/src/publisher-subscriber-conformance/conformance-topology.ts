import type { ResolvedSubscription, ResolvedTopic } from "@contextpilot/topology";

/** The topics and subscriptions that the suite runs on. A driver may make them under other names, if it translates both ways. */
export interface ConformanceTopology {
  readonly topics: readonly Pick<ResolvedTopic, "name">[];
  readonly subscriptions: readonly ConformanceSubscription[];
}

export interface ConformanceSubscription extends Pick<
  ResolvedSubscription,
  "name" | "topic" | "filter" | "ordered" | "ackDeadlineSeconds" | "retry" | "deadLetter"
> {
  /** Over routing keys; what matches one or several is delivered once. */
  readonly patterns?: readonly string[];
  /** Critical before high before normal before low, by the attribute `priority`. */
  readonly byPriority?: boolean;
  readonly messageTtlSeconds?: number;
}

const defaults = {
  ordered: false,
  ackDeadlineSeconds: 10,
  retry: { minimumSeconds: 10, maximumSeconds: 20 },
} as const;

export const conformanceTopology = {
  topics: [{ name: "facts" }, { name: "facts-dlq" }, { name: "steps" }],
  subscriptions: [
    { name: "first-from-facts", topic: "facts", ...defaults },
    { name: "second-from-facts", topic: "facts", ...defaults },
    { name: "wanted-from-facts", topic: "facts", filter: 'attributes.kind = "wanted"', ...defaults },
    {
      name: "counted-from-facts",
      topic: "facts",
      deadLetter: { topic: "facts-dlq", maxDeliveryAttempts: 100 },
      ...defaults,
    },
    { name: "matching-from-facts", topic: "facts", patterns: ["task.*.high", "task.#"], ...defaults },
    { name: "urgent-from-facts", topic: "facts", byPriority: true, ...defaults },
    { name: "fresh-from-facts", topic: "facts", messageTtlSeconds: 0.05, ...defaults },
    { name: "ordered-from-steps", topic: "steps", ...defaults, ordered: true },
  ],
} as const satisfies ConformanceTopology;
