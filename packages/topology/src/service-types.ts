import type { EventType } from "@contextpilot/events";
import type { services, subscriptions, topics } from "./topology.ts";

export type Service = keyof typeof services;
export type Topic = keyof typeof topics;
export type DeadLetterTopic = `${Topic}-dlq`;
export type SubscriptionName = keyof typeof subscriptions;

type SubscriptionOf<S extends Service> = Extract<(typeof subscriptions)[SubscriptionName], { readonly service: S }>;
type FamilyHeardBy<S extends Service> = Extract<
  SubscriptionOf<S>,
  { readonly hears: readonly string[] }
>["hears"][number];

/** The event types that a service must handle: every known version of each family that one of its subscriptions hears. */
export type HeardBy<S extends Service> = Extract<EventType, `${FamilyHeardBy<S>}.v${number}`>;
/** The event types that a service may say. */
export type SaidBy<S extends Service> = Extract<EventType, `${(typeof services)[S]["says"][number]}.v${number}`>;
