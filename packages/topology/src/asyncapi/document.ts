import { catalogue, envelopeJsonSchema, type EventType, type JsonSchema } from "@contextpilot/events";
import {
  orderingFieldsOf,
  resolveTopology,
  topicOf,
  type ResolvedSubscription,
  type ResolvedTopic,
} from "../resolve.ts";
import { services, subscriptions, topics, type SubscriptionSpec, type TopicSpec } from "../topology.ts";
import type { EventComments } from "./event-comments.ts";

/** The house in the words of AsyncAPI 3: https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export interface AsyncApiDocument {
  readonly asyncapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly defaultContentType: string;
  readonly channels: Readonly<Record<string, unknown>>;
  readonly operations: Readonly<Record<string, AsyncApiOperation>>;
  readonly components: {
    readonly messages: Readonly<Record<string, unknown>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

export interface AsyncApiOperation {
  readonly action: "send" | "receive";
  readonly title: string;
  readonly channel: Reference;
  readonly messages: readonly Reference[];
}

interface Reference {
  readonly $ref: string;
}

export const eventTypes = Object.keys(catalogue) as readonly EventType[];
const topicSpecs: Readonly<Record<string, TopicSpec>> = topics;
const subscriptionSpecs: Readonly<Record<string, SubscriptionSpec>> = subscriptions;

/** Every topic with the events that it carries, who says each, and who hears it: made from the topology, the schemas and their comments. */
export function asyncApiDocument(comments: ReadonlyMap<string, EventComments>): AsyncApiDocument {
  const topology = resolveTopology();
  const messages = eventTypes.map((type) => [type, messageOf(type, comments.get(type)?.event ?? "")] as const);
  const schemas = eventTypes.map((type) => [type, plain(catalogue[type].jsonSchema())] as const);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "ContextPilot",
      version: "1.0.0",
      description:
        "What the agents say to each other. None calls another: every step is an event on Pub/Sub, delivered at least once. Made from packages/topology and packages/events by packages/topology/src/asyncapi/generate.ts.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries(topology.topics.map((topic) => [topic.name, channelOf(topic)])),
    operations: Object.fromEntries([
      ...eventTypes.flatMap((type) =>
        speakersOf(type).map((service) => [`${service}-says-${type}`, saying(service, type)]),
      ),
      ...topology.subscriptions.map((subscription) => [subscription.name, hearing(subscription)]),
    ]),
    components: {
      messages: { ...Object.fromEntries(messages), "dead-letter": DEAD_LETTER },
      schemas: { envelope: plain(envelopeJsonSchema()), ...Object.fromEntries(schemas) },
    },
  };
}

/** The services that say an event type. */
export function speakersOf(type: EventType): string[] {
  return Object.entries(services).flatMap(([service, { says }]) =>
    (says as readonly string[]).includes(catalogue[type].family) ? [service] : [],
  );
}

/** The subscriptions that hear an event type, in the topology's order. */
export function hearersOf(type: EventType): ResolvedSubscription[] {
  return resolveTopology().subscriptions.filter((subscription) => typesHeardBy(subscription).includes(type));
}

function typesHeardBy({ name, topic }: ResolvedSubscription): readonly EventType[] {
  const hears: readonly string[] | undefined = subscriptionSpecs[name]?.hears;
  return eventTypes.filter((type) => topicOf(type) === topic && hears?.includes(catalogue[type].family) !== false);
}

const DEAD_LETTER = {
  title: "A dead letter",
  summary:
    "What could not be handled: the message's bytes and attributes as they came, with who gave it up, and why, in attributes beside them.",
  contentType: "application/octet-stream",
};

function messageOf(type: EventType, summary: string) {
  const orderedBy = orderingFieldsOf(type);
  return {
    name: type,
    title: type,
    summary,
    ...(orderedBy && { "x-ordered-by": orderedBy }),
    headers: { type: "object", properties: { event_type: { type: "string", const: type } }, required: ["event_type"] },
    payload: {
      allOf: [
        { $ref: "#/components/schemas/envelope" },
        { type: "object", properties: { event_type: { const: type }, data: { $ref: `#/components/schemas/${type}` } } },
      ],
    },
  };
}

function channelOf({ name, deadLetterTopic, retentionDays }: ResolvedTopic) {
  const carried = eventTypes.filter((type) => topicOf(type) === name);
  const names = deadLetterTopic === undefined ? ["dead-letter"] : carried;
  return {
    address: name,
    messages: Object.fromEntries(names.map((each) => [each, { $ref: `#/components/messages/${each}` }])),
    "x-retention-days": retentionDays,
  };
}

function saying(service: string, type: EventType): AsyncApiOperation {
  const topic = topicOf(type);
  return { action: "send", title: `${service} says ${type}`, ...on(topic, [type]) };
}

function hearing(subscription: ResolvedSubscription): AsyncApiOperation & Readonly<Record<string, unknown>> {
  const { name, topic, service, filter, ordered, ackDeadlineSeconds } = subscription;
  const isOfDeadLetters = topicSpecs[topic] === undefined;
  return {
    action: "receive",
    title: `${service} hears ${name}`,
    ...on(topic, isOfDeadLetters ? ["dead-letter"] : typesHeardBy(subscription)),
    "x-subscription": { service, ordered, ackDeadlineSeconds, ...(filter !== undefined && { filter }) },
  };
}

function on(topic: string, messages: readonly string[]) {
  const channel = `#/channels/${topic}`;
  return { channel: { $ref: channel }, messages: messages.map((each) => ({ $ref: `${channel}/messages/${each}` })) };
}

/** AsyncAPI's schemas are of draft 7 and more; ours say nothing that differs, but for the draft's name. */
function plain({ $schema: _draft, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
