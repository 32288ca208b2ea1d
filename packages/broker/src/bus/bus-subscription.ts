import type { Attributes, Envelope } from "@contextpilot/events";
import type { Acknowledgement, Delivery } from "@contextpilot/messaging";
import type { NewSubscription } from "../new-subscription.ts";
import { eventOf } from "./bus-message.ts";
import { MAX_ATTEMPTS } from "./groups.ts";
import type { Published } from "./bus-publisher.ts";
import type { AnyDraft, PublishOptions } from "./prepare-event.ts";

/** What a handler may use beside the event. */
export interface HandlerContext {
  /** Which try this is, from 1. */
  readonly attempt: number;
  readonly messageId: string;
  /** The message's attributes, custom ones included. */
  readonly attributes: Attributes;
  /**
   * Publishes what follows from the event: in its chain, with its trace_id, and the event as parent. That answers a `request` too.
   * Another try of a failed handler publishes again.
   */
  readonly publish: (draft: AnyDraft, options?: PublishOptions) => Promise<Published>;
}

/** Handles an event. A throw or a rejection is a failure, and the event comes again. */
export type Handle<E extends Envelope = Envelope> = (event: E, context: HandlerContext) => unknown;

/**
 * What to hear: a type with its version, a family (every version), several of them, `{ patterns }` over routing keys (`*` is one
 * word, `#` zero or more; several are one delivery), or `{ filter }` over attributes in Pub/Sub's language; `{}` is everything.
 */
export type Selector = string | readonly string[] | { readonly patterns?: readonly string[]; readonly filter?: string };

export interface HandlerOptions {
  /** Handlers of one group share its events; each gets some. They hear the same with the same options. Default: a group each. */
  readonly group?: string;
  /** Handled at once. Default: 100; with a group, of each handler. */
  readonly maxConcurrent?: number;
  /** Tries before an event becomes a dead letter; the event's own max_retries may be fewer. Default: 5. */
  readonly maxAttempts?: number;
  /** Between two tries, doubling. Default: 0.1 to 10 s. */
  readonly retry?: { readonly minimumSeconds: number; readonly maximumSeconds: number };
  /** How long a handler may take; then it has failed. Default and maximum: 600 s. */
  readonly timeoutSeconds?: number;
  /** Events of one orderingKey one at a time and in order. Default: false. */
  readonly ordered?: boolean;
  /** Critical before high before normal before low. Default: false. */
  readonly byPriority?: boolean;
  /** Events not handled by then are dropped. Default: none. */
  readonly messageTtlSeconds?: number;
  /** False: an event that fails for the last time is dropped. Default: true. */
  readonly deadLetters?: boolean;
  /** True: an event is tried once, whatever comes of it, and never becomes a dead letter. Default: false. */
  readonly autoAck?: boolean;
  /** Its events wait for it across restarts, where the log is durable; needs a `group`. Default: false. */
  readonly durable?: boolean;
}

/** A failure of a handler, as the error hook hears it. */
export interface HandlerFailure {
  readonly event: Envelope;
  readonly error: unknown;
  /** The subscription's name: the handler's group, or a number. */
  readonly subscription: string;
  readonly attempt: number;
  /** What becomes of the event for this subscription. */
  readonly next: "retry" | "dead-letter" | "dropped";
}

/** Who keeps the books of a handler's work. */
export interface HandlerOffice {
  now(): number;
  expired(): void;
  failed(failure: HandlerFailure): void;
  putDeadLetter(delivery: Delivery, failure: HandlerFailure): Promise<void>;
  publishCausedBy(cause: Envelope, draft: AnyDraft, options?: PublishOptions): Promise<Published>;
}

/** One handler's part in a delivery: calls it, and says what becomes of the event. */
export function deliverTo(handle: Handle, options: HandlerOptions, office: HandlerOffice) {
  const { maxAttempts = MAX_ATTEMPTS, deadLetters = true, autoAck = false } = options;
  return async (delivery: Delivery): Promise<Acknowledgement> => {
    const event = eventOf(delivery);
    if (isExpired(event, office)) {
      office.expired();
      return "ack";
    }
    const { deliveryAttempt: attempt = 1, messageId, attributes } = delivery;
    try {
      await handle(event, {
        attempt,
        messageId,
        attributes,
        publish: (draft, options) => office.publishCausedBy(event, draft, options),
      });
      return "ack";
    } catch (error) {
      const last = autoAck || attempt >= Math.min(maxAttempts, (event.max_retries ?? Infinity) + 1);
      const next = !last ? "retry" : autoAck || !deadLetters ? "dropped" : "dead-letter";
      const failure: HandlerFailure = { event, error, subscription: delivery.subscription, attempt, next };
      office.failed(failure);
      if (next === "dead-letter") await office.putDeadLetter(delivery, failure);
      return last ? "ack" : "nack";
    }
  };
}

function isExpired({ ttl_seconds, timestamp }: Envelope, office: HandlerOffice): boolean {
  return ttl_seconds !== undefined && Date.parse(timestamp) + ttl_seconds * 1000 <= office.now();
}

/** What a selector asks of the broker. */
export function selection(
  selector: Selector | { readonly type: string },
): Pick<NewSubscription, "eventTypes" | "patterns" | "filter"> {
  if (typeof selector === "string") return { eventTypes: [selector] };
  if ("type" in selector) return { eventTypes: [selector.type] };
  return "length" in selector ? { eventTypes: selector } : selector;
}
