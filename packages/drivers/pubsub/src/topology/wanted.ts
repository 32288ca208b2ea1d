import type { ResolvedSubscription, ResolvedTopology } from "@contextpilot/topology";
import type { ProjectSettings, SubscriptionSettings } from "./settings.ts";

/** A subscription as it shall be; without an endpoint it keeps the one that it has, and is pulled where it is new. Who pushes stays. */
export type WantedSubscription = Omit<SubscriptionSettings, "pushEndpoint" | "pushIdentity"> & {
  readonly pushEndpoint?: string;
};

export type WantedSettings = Pick<ProjectSettings, "topics"> & {
  readonly subscriptions: readonly WantedSubscription[];
};

/** For an endpoint: every subscription is pulled. */
export const PULLED = "none";

const DAY = 86_400;

/**
 * What the topology asks of a project. In the endpoint `{service}` and `{subscription}` stand for their names; {@link PULLED}
 * makes them all wait to be pulled, and `pulling` names services whose subscriptions do in any case. Throws a TypeError where the endpoint is no URL, or a
 * service is none.
 */
export function wantedSettings(
  topology: ResolvedTopology,
  endpoint?: string,
  pulling: readonly string[] = [],
): WantedSettings {
  const unknown = pulling.filter((service) => !topology.services.some(({ name }) => name === service));
  if (unknown.length > 0) throw new TypeError(`the topology knows no ${unknown.join(", ")}`);
  return {
    topics: topology.topics.map(({ name, retentionDays }) => ({ name, retentionSeconds: retentionDays * DAY })),
    subscriptions: topology.subscriptions.map((subscription) => ({
      name: subscription.name,
      topic: subscription.topic,
      filter: subscription.filter ?? "",
      ordered: subscription.ordered,
      ackDeadlineSeconds: subscription.ackDeadlineSeconds,
      retry: subscription.retry,
      deadLetter: subscription.deadLetter,
      retentionSeconds: subscription.retentionDays * DAY,
      expiresAfterSeconds: "never",
      ...pushOf(subscription, pulling.includes(subscription.service) ? PULLED : endpoint),
    })),
  };
}

const pushOf = (subscription: ResolvedSubscription, endpoint: string | undefined): { readonly pushEndpoint?: string } =>
  endpoint === undefined ? {} : { pushEndpoint: endpointOf(subscription, endpoint) };

function endpointOf({ service, name }: ResolvedSubscription, pattern: string): string {
  if (pattern === PULLED) return "";
  const endpoint = pattern.replaceAll("{service}", service).replaceAll("{subscription}", name);
  if (/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "") && !/[{}]/.test(endpoint)) return endpoint;
  throw new TypeError(`${pattern} makes no address for ${name}: in it stand {service} and {subscription} and no other`);
}
