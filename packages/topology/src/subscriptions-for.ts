import { passes } from "./filter/evaluate-filter.ts";
import { parseFilter } from "./filter/parse-filter.ts";
import { resolveTopology, type ResolvedSubscription } from "./resolve.ts";

const handling = resolveTopology().subscriptions.flatMap((subscription) =>
  subscription.filter === undefined ? [] : [{ subscription, filter: parseFilter(subscription.filter) }],
);

/**
 * The subscriptions by which services handle events of this type, in any version or none; who takes every message as it is
 * (raw) handles nothing.
 */
export function subscriptionsFor(eventType: string): readonly ResolvedSubscription[] {
  return handling.flatMap(({ subscription, filter }) =>
    passes(filter, { event_type: eventType }) ? [subscription] : [],
  );
}
