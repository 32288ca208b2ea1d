/** A topic as far as the topology says how it is. */
export interface TopicSettings {
  readonly name: string;
  /** How long the topic itself keeps messages, so that a subscription can go back in time; undefined: it does not. */
  readonly retentionSeconds: number | undefined;
}

/** A subscription as far as the topology says how it is. */
export interface SubscriptionSettings {
  readonly name: string;
  readonly topic: string;
  /** In Pub/Sub's filter language; empty where everything passes. */
  readonly filter: string;
  readonly ordered: boolean;
  readonly ackDeadlineSeconds: number;
  /** Undefined: what failed comes again at once. */
  readonly retry: { readonly minimumSeconds: number; readonly maximumSeconds: number } | undefined;
  readonly deadLetter: { readonly topic: string; readonly maxDeliveryAttempts: number } | undefined;
  readonly retentionSeconds: number;
  /** Goes when nobody has heard it for so long. */
  readonly expiresAfterSeconds: number | "never";
  /** Where it is pushed to; empty where it is pulled. */
  readonly pushEndpoint: string;
  /** Who pushes, by the identity token that a push brings along; absent where it brings none. */
  readonly pushIdentity?: PushIdentity;
}

export interface PushIdentity {
  /** A service account's e-mail address. */
  readonly serviceAccount: string;
  /** For whom the token is made; empty: for the endpoint. */
  readonly audience: string;
}

/** What a project has, or shall have. */
export interface ProjectSettings {
  readonly topics: readonly TopicSettings[];
  readonly subscriptions: readonly SubscriptionSettings[];
}
