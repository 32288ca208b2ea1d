import { PRIORITIES, type Attributes, type Priority } from "@contextpilot/events";
import type { BrokerSubscription } from "./broker-topology.ts";
import { Fifo } from "./fifo.ts";

/**
 * A part of a subscription's messages, which the log keeps under a name of its own, and what is known of it: with priorities
 * there is a lane for each, so that the first of the critical ones is found behind any number of others.
 */
export class Lane {
  readonly name: string;
  /** What may be delivered now, by its number. */
  readonly ready = new Fifo();
  /** The last sequence that was listed, and whether the log may have more. */
  last = 0;
  more = true;

  constructor(name: string) {
    this.name = name;
  }
}

/** The names of a subscription's lanes, the first to be delivered first. */
export function laneNames({ name, byPriority }: BrokerSubscription): readonly string[] {
  return byPriority ? PRIORITIES.toReversed().map((priority) => laneName(name, priority)) : [name];
}

/** The lane that a message goes to. */
export function laneFor({ name, byPriority }: BrokerSubscription, attributes: Attributes): string {
  if (!byPriority) return name;
  const priority = PRIORITIES.find((priority) => priority === attributes["priority"]);
  return laneName(name, priority ?? "normal");
}

const laneName = (subscription: string, priority: Priority): string => `${subscription}/${priority}`;
