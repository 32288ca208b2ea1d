export { compileFilter } from "./filter/compile-filter.ts";
export { passes } from "./filter/evaluate-filter.ts";
export { FilterError } from "./filter/filter-error.ts";
export { MAX_FILTER_BYTES, parseFilter, type Filter } from "./filter/parse-filter.ts";
export {
  UNKNOWN_DEAD_LETTER_TOPIC,
  deadLetterTopicOf,
  orderingKeyOf,
  resolveTopology,
  topicOf,
  type ResolvedService,
  type ResolvedSubscription,
  type ResolvedTopic,
  type ResolvedTopology,
} from "./resolve.ts";
export {
  MAX_ROUTING_KEY_BYTES,
  matchesRoutingPattern,
  parseRoutingPattern,
  routingKeyOf,
  type RoutingPattern,
} from "./routing-pattern.ts";
export type { DeadLetterTopic, HeardBy, SaidBy, Service, SubscriptionName, Topic } from "./service-types.ts";
export { subscriptionsFor } from "./subscriptions-for.ts";
