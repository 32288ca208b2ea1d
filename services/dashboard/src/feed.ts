import type { Logger } from "@contextpilot/agent-host";
import { systemClock, type Clock, type Delivery, type Payloads } from "@contextpilot/messaging";
import type { ReadModel } from "./read-model.ts";
import { takeDelivery, type FeedEntry } from "./take-delivery.ts";

/** What the house brings to people: it hears every topic and dead-letter topic raw, keeps what it heard, and tells who follows. */
export interface Feed {
  readonly readModel: ReadModel;
  /** For createRawReceiver: resolves when the delivery is kept. */
  readonly take: (delivery: Delivery) => Promise<void>;
  /** Calls the listener after each event and dead letter that was newly kept, until the function that comes back is called. */
  readonly follow: (listener: (entry: FeedEntry) => void) => () => void;
  /** Closes the read model. */
  readonly close: () => Promise<void>;
}

export interface FeedOptions {
  /** The feed's own from now on. */
  readonly readModel: ReadModel;
  readonly logger: Logger;
  /** Where large data is kept. Default: nowhere; a proposal whose patch is there is not filed then. */
  readonly payloads?: Payloads;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

export function createFeed({ readModel, logger, payloads, clock = systemClock }: FeedOptions): Feed {
  const listeners = new Set<(entry: FeedEntry) => void>();

  const tell = (entry: FeedEntry): void => {
    for (const listener of listeners) {
      try {
        listener(entry);
      } catch (err) {
        // It is kept: a listener's fault must not bring the delivery again.
        logger.error({ err }, "a listener of the feed failed");
      }
    }
  };

  return {
    readModel,
    take: (delivery) => takeDelivery(delivery, { readModel, payloads, clock, logger, tell }),
    follow: (listener) => {
      const own = (entry: FeedEntry): void => listener(entry); // the same function may follow twice
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    close: () => readModel.close(),
  };
}
