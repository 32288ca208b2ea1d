import type { Attributes } from "@contextpilot/events";

/** A message as the bus hands it over: at least once, and again after a nack. */
export interface Delivery {
  /** The bus's own id of the message; the same at each redelivery. */
  readonly messageId: string;
  readonly data: Uint8Array;
  readonly attributes: Attributes;
  /** When the bus took it: UTC, ISO 8601. */
  readonly publishTime: string;
  readonly orderingKey?: string;
  /** The subscription's name, without project. */
  readonly subscription: string;
  /** Which delivery this is, from 1; absent where the bus does not count. */
  readonly deliveryAttempt?: number;
}

export type Acknowledgement = "ack" | "nack";

/** Takes a delivery and says what the bus shall do with it. A rejection counts as a nack. */
export type Deliver = (delivery: Delivery) => Promise<Acknowledgement>;

/** A running subscription. */
export interface Subscription {
  /** Takes no further delivery, and resolves when those that run have been answered. Safe to call again. */
  stop(): Promise<void>;
}

/**
 * Hears a subscription of the topology, from any time on. Each message is delivered at least once; a nack, a rejection or a
 * silence past the ack deadline brings it again later. With ordering, one message of a key is outstanding at a time. Several
 * calls for one subscription share its messages. Rejects where the subscription is not there. An answer that comes after the ack
 * deadline may be ignored. Subscribers share what they are given: nobody changes it.
 */
export interface Subscriber {
  subscribe(subscription: string, deliver: Deliver): Promise<Subscription>;
}
