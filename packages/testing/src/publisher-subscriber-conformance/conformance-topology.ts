import type { ResolvedSubscription, ResolvedTopic } from "@contextpilot/topology";

/** The topics and subscriptions that the suite runs on. A driver may make them under other names, if it translates both ways. */
export interface ConformanceTopology {
  readonly topics: readonly Pick<ResolvedTopic, "name">[];
  readonly subscriptions: readonly Pick<
    ResolvedSubscription,
    "name" | "topic" | "filter" | "ordered" | "ackDeadlineSeconds" | "retry" | "deadLetter"
  >[];
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
    { name: "ordered-from-steps", topic: "steps", ...defaults, ordered: true },
  ],
} as const satisfies ConformanceTopology;
