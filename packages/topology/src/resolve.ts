import { createHash } from "node:crypto";
import { parseEventType, type Envelope } from "@contextpilot/events";
import { compileFilter } from "./filter/compile-filter.ts";
import {
  services,
  subscriptions,
  topics,
  type ServiceSpec,
  type SubscriptionSpec,
  type TopicSpec,
} from "./topology.ts";
import type { Service } from "./service-types.ts";

/** A topic, ready to be made. */
export interface ResolvedTopic {
  readonly name: string;
  readonly families: readonly string[];
  /** Where what cannot be handled goes; a dead-letter topic has none of its own. */
  readonly deadLetterTopic?: string;
  readonly retentionDays: number;
}

/** A subscription with everything that a bus needs to make it. */
export interface ResolvedSubscription {
  readonly name: string;
  readonly topic: string;
  readonly service: Service;
  /** Takes each message as it is, whatever it says. */
  readonly raw: boolean;
  /** In Pub/Sub's filter language; absent where everything passes. */
  readonly filter?: string;
  readonly ordered: boolean;
  readonly ackDeadlineSeconds: number;
  readonly retry: { readonly minimumSeconds: number; readonly maximumSeconds: number };
  readonly deadLetter?: { readonly topic: string; readonly maxDeliveryAttempts: number };
  readonly retentionDays: number;
}

export interface ResolvedService {
  readonly name: Service;
  readonly publishesTo: readonly string[];
  readonly subscriptions: readonly string[];
}

export interface ResolvedTopology {
  readonly topics: readonly ResolvedTopic[];
  readonly subscriptions: readonly ResolvedSubscription[];
  readonly services: readonly ResolvedService[];
}

/** Kept this long where nobody took it. Pub/Sub: 7 days by default, 31 at most. */
const RETENTION_DAYS = 7;
/** Pub/Sub: 10-600 s is the widest range of a retry policy's lower and upper bound. */
const RETRY = { minimumSeconds: 10, maximumSeconds: 600 } as const;
/**
 * Pub/Sub's own limit, and its highest value: receive() dead-letters a handler's fifth failure itself, with the reason. Outages
 * use up attempts too, and five of 10-80 s would empty a backlog into the dead letters within three minutes.
 */
const MAX_DELIVERY_ATTEMPTS = 100;

/** The dead-letter topic of a topic; a dead-letter topic is its own. */
export const deadLetterTopicOf = (topic: string): string => (topic.endsWith("-dlq") ? topic : `${topic}-dlq`);
/** Takes the dead letters of deliveries whose topic is not known. */
export const UNKNOWN_DEAD_LETTER_TOPIC = deadLetterTopicOf("audit-all");

const topicEntries: readonly (readonly [string, TopicSpec])[] = Object.entries(topics);
const subscriptionEntries: readonly (readonly [string, SubscriptionSpec])[] = Object.entries(subscriptions);
const topicOfFamily = new Map(
  topicEntries.flatMap(([topic, spec]) => Object.keys(spec.families).map((family) => [family, topic] as const)),
);
const orderedBy = new Map(
  topicEntries.flatMap(([, spec]) =>
    Object.entries(spec.families).map(([family, { orderedBy }]) => [family, orderedBy] as const),
  ),
);

let resolved: ResolvedTopology | undefined;

/** The whole topology with its defaults written out: what the brokers, the emulators' bootstrap and Terraform are made from. The same each time. */
export function resolveTopology(): ResolvedTopology {
  resolved ??= resolveAll();
  return resolved;
}

function resolveAll(): ResolvedTopology {
  return {
    topics: topicEntries.flatMap(([name, spec]) => [
      {
        name,
        families: Object.keys(spec.families),
        deadLetterTopic: deadLetterTopicOf(name),
        retentionDays: RETENTION_DAYS,
      },
      { name: deadLetterTopicOf(name), families: [], retentionDays: RETENTION_DAYS },
    ]),
    subscriptions: subscriptionEntries.map(([name, spec]) => resolve(name, spec)),
    services: (Object.keys(services) as Service[]).map((name) => ({
      name,
      publishesTo: publishesTo(name),
      subscriptions: subscriptionEntries.flatMap(([subscription, { service }]) =>
        service === name ? [subscription] : [],
      ),
    })),
  };
}

function resolve(name: string, spec: SubscriptionSpec): ResolvedSubscription {
  return {
    name,
    topic: spec.topic,
    service: spec.service,
    raw: spec.raw ?? false,
    ...(spec.hears === undefined ? {} : { filter: compileFilter(spec.hears) }),
    ordered: spec.ordered ?? false,
    ackDeadlineSeconds: spec.ackDeadlineSeconds,
    retry: RETRY,
    ...(spec.raw
      ? {}
      : { deadLetter: { topic: deadLetterTopicOf(spec.topic), maxDeliveryAttempts: MAX_DELIVERY_ATTEMPTS } }),
    retentionDays: RETENTION_DAYS,
  };
}

/**
 * What a service says goes to its families' topics, what it says again to any; what it cannot handle to the dead-letter topics of what it hears. So does
 * a request that is no push, which a raw subscription does not take either.
 */
function publishesTo(service: Service): readonly string[] {
  const { says: families, saysAgain = false }: ServiceSpec = services[service];
  const says = saysAgain ? topicOfFamily.values() : families.map((family) => topicOfFamily.get(family));
  const heard = subscriptionEntries.flatMap(([, spec]) =>
    spec.service === service ? [deadLetterTopicOf(spec.topic)] : [],
  );
  const unknown = heard.length > 0 ? [UNKNOWN_DEAD_LETTER_TOPIC] : [];
  return [...new Set([...says, ...heard, ...unknown])].filter((topic) => topic !== undefined).sort();
}

/** The topic that an event goes to. Throws a TypeError for a family that no topic carries. */
export function topicOf(eventType: string): string {
  const topic = topicOfFamily.get(parseEventType(eventType)?.family ?? eventType);
  if (topic === undefined) throw new TypeError(`no topic carries ${eventType}: name its family in packages/topology`);
  return topic;
}

/** Pub/Sub: an ordering key is valid UTF-8 of 1,024 bytes at most. */
const MAX_ORDERING_KEY_BYTES = 1024;

/** The fields of its data that an event type is ordered by; undefined for one without an order. */
export function orderingFieldsOf(eventType: string): readonly string[] | undefined {
  return orderedBy.get(parseEventType(eventType)?.family ?? "");
}

/** The ordering key of an event: the fields of its data that its family is ordered by, joined by `/`; where no bus would take that, its hash. */
export function orderingKeyOf(event: Pick<Envelope, "event_type" | "data">): string | undefined {
  const fields = orderingFieldsOf(event.event_type);
  if (fields === undefined) return undefined;
  const data = event.data as Readonly<Record<string, unknown>>;
  const key = fields.map((field) => (typeof data[field] === "string" ? data[field] : "")).join("/");
  if (key.isWellFormed() && Buffer.byteLength(key) <= MAX_ORDERING_KEY_BYTES) return key;
  return createHash("sha256").update(JSON.stringify(key)).digest("hex");
}
