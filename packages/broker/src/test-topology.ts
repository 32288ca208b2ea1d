import type { BrokerSubscription, BrokerTopology } from "./broker-topology.ts";

/** A topic `topic` with the subscription `sub`, and a dead-letter topic `topic-dlq` with the subscription `dlq`; for tests. */
export function topologyOf(sub: Partial<BrokerSubscription> = {}): BrokerTopology {
  const defaults = { ordered: false, ackDeadlineSeconds: 10, retry: { minimumSeconds: 10, maximumSeconds: 600 } };
  return {
    topics: [{ name: "topic" }, { name: "topic-dlq" }],
    subscriptions: [
      { name: "sub", topic: "topic", ...defaults, ...sub },
      { name: "dlq", topic: "topic-dlq", ...defaults },
    ],
  };
}

export const messageOf = (text: string, orderingKey?: string) => ({
  topic: "topic",
  data: Buffer.from(text),
  attributes: {},
  ...(orderingKey === undefined ? {} : { orderingKey }),
});
