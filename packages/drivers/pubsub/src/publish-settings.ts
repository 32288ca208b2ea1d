import type { PublishOptions } from "@google-cloud/pubsub";

/** When what waits for one topic (with ordering keys: for one key) is sent: at the first of the three. */
export interface BatchSettings {
  /** Default: 100. Pub/Sub takes 1,000 in a request. */
  readonly maxMessages?: number;
  /** Data and attributes. Default: 1 MB. Pub/Sub takes 10 MB in a request. */
  readonly maxBytes?: number;
  /** Default: 2. An event waits that long at each step of a chain; what is published together is sent together without waiting. */
  readonly maxMilliseconds?: number;
}

const DEFAULT_BATCH = { maxMessages: 100, maxBytes: 1_000_000, maxMilliseconds: 2 } as const;

/** The pauses between tries: 0.1 s at first, doubled up to 2 s, each cut by chance so that publishers do not come together. */
const RETRY = { initialRetryDelayMillis: 100, retryDelayMultiplier: 2, maxRetryDelayMillis: 2_000 } as const;

/** What fails for reasons of the surroundings is tried again by the SDK until the deadline; which codes these are the SDK knows. */
export function publishOptions(batch: BatchSettings, deadlineMs: number): PublishOptions {
  const backoffSettings = {
    ...RETRY,
    initialRpcTimeoutMillis: deadlineMs,
    rpcTimeoutMultiplier: 1,
    maxRpcTimeoutMillis: deadlineMs,
    totalTimeoutMillis: deadlineMs,
  };
  return {
    batching: { ...DEFAULT_BATCH, ...batch },
    messageOrdering: true,
    gaxOpts: { isBundling: false, retry: { backoffSettings } },
  };
}
