import type { Attributes } from "@contextpilot/events";
import {
  deadLetterTopicOf,
  matchesRoutingPattern,
  parseFilter,
  parseRoutingPattern,
  passes,
  type Filter,
  type RoutingPattern,
} from "@contextpilot/topology";
import { EVERY_TOPIC, type BrokerSubscription } from "./broker-topology.ts";
import { laneFor } from "./lane.ts";

/** What decides who gets a message. */
export interface Routed {
  readonly topic: string;
  readonly attributes: Attributes;
  readonly routingKey?: string;
}

interface Recipient {
  readonly spec: BrokerSubscription;
  readonly filter: Filter | undefined;
  readonly eventTypes: ReadonlySet<string> | undefined;
  readonly patterns: readonly RoutingPattern[] | undefined;
}

/** Who gets what: the topics, and the subscriptions of each. */
export class Routes {
  readonly #topics: ReadonlyMap<string, Recipient[]>;

  constructor(topics: readonly string[]) {
    this.#topics = new Map(topics.map((name) => [name, []]));
  }

  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** Throws a TypeError where a topic is not there or a pattern is none, a FilterError where the filter does not parse. */
  add(spec: BrokerSubscription): void {
    for (const topic of [spec.topic, spec.deadLetter?.topic ?? spec.topic]) {
      if (topic === EVERY_TOPIC || this.has(topic)) continue;
      throw new TypeError(`subscription ${spec.name} names a topic that is not there: ${topic}`);
    }
    const recipient: Recipient = {
      spec,
      filter: spec.filter === undefined ? undefined : parseFilter(spec.filter),
      eventTypes: spec.eventTypes && new Set(spec.eventTypes),
      patterns: spec.patterns?.map(parseRoutingPattern),
    };
    for (const [topic, recipients] of this.#topics) if (hears(spec, topic)) recipients.push(recipient);
  }

  remove(subscription: string): void {
    for (const recipients of this.#topics.values()) {
      const place = recipients.findIndex(({ spec }) => spec.name === subscription);
      if (place >= 0) recipients.splice(place, 1);
    }
  }

  /** The lanes that a message goes to: one of each subscription that gets it. */
  lanesFor(message: Routed): readonly string[] {
    const lanes: string[] = [];
    for (const recipient of this.#topics.get(message.topic) ?? []) {
      if (gets(recipient, message)) lanes.push(laneFor(recipient.spec, message.attributes));
    }
    return lanes;
  }
}

function hears({ topic: heard }: BrokerSubscription, topic: string): boolean {
  return heard === EVERY_TOPIC ? deadLetterTopicOf(topic) !== topic : heard === topic;
}

function gets({ filter, eventTypes, patterns }: Recipient, { attributes, routingKey = "" }: Routed): boolean {
  if (eventTypes !== undefined && !isOneOf(eventTypes, attributes["event_type"])) return false;
  if (filter !== undefined && !passes(filter, attributes)) return false;
  return patterns === undefined || patterns.some((pattern) => matchesRoutingPattern(pattern, routingKey));
}

function isOneOf(eventTypes: ReadonlySet<string>, type: string | undefined): boolean {
  return type !== undefined && (eventTypes.has(type) || eventTypes.has(type.replace(/\.v[0-9]+$/, "")));
}
