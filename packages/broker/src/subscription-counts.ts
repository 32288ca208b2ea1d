/** What a subscription has to do, at one moment. */
export interface SubscriptionCounts {
  readonly subscription: string;
  /** Messages that are not acked: waiting, waiting for a retry, or outstanding. */
  readonly depth: number;
  /** Since the oldest of them was published. 0 where there is none. */
  readonly oldestAgeSeconds: number;
  /** Delivered, and neither answered nor past their deadline. */
  readonly outstanding: number;
  /** Subscribers that share the messages, and calls of `pull` that wait. */
  readonly consumers: number;
  /** Messages that were dropped for their age, since the broker started. */
  readonly expired: number;
  readonly paused: boolean;
}

/** What a seek did: messages that will not be delivered any more, and messages that come again. */
export interface Sought {
  readonly dropped: number;
  readonly restored: number;
}
