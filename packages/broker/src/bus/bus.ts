import type { Envelope, EventDefinition } from "@contextpilot/events";
import { IsoTimes, systemClock, type Clock, type Delivery } from "@contextpilot/messaging";
import { Broker } from "../broker.ts";
import { DEAD_LETTER_TOPIC, TOPIC, eventOf, messageOfEvent } from "./bus-message.ts";
import type { BusLogger, BusOptions } from "./bus-options.ts";
import { BusPublisher, type Outgoing, type Published, type RequestOptions } from "./bus-publisher.ts";
import { Counter, type BusStats } from "./bus-stats.ts";
import {
  deliverTo,
  selection,
  type Handle,
  type HandlerFailure,
  type HandlerOffice,
  type HandlerOptions,
  type Selector,
} from "./bus-subscription.ts";
import type { BatchOptions, EventBatch } from "./event-batch.ts";
import { Groups, type BusSubscription } from "./groups.ts";
import { KeptEvents, type ReplayRange } from "./kept-events.ts";
import type { AnyDraft, PublishOptions } from "./prepare-event.ts";
import { Replies } from "./replies.ts";

/** An event that a subscription could not handle. */
export interface DeadLetter {
  readonly event: Envelope;
  /** The last failure's message. */
  readonly reason: string;
  readonly subscription: string;
  readonly attempts: number;
}

/** How the bus is. */
export interface BusHealth {
  /** Unhealthy: it is closed, or its log did not answer or take the last events. */
  readonly status: "healthy" | "unhealthy";
  /** It takes events. */
  readonly connected: boolean;
  readonly details: {
    /** Events not handled yet, of all subscriptions, dead letters included. */
    readonly depth?: number;
    readonly outstanding?: number;
    /** Why it is unhealthy. */
    readonly error?: string;
  };
}

/** With the event itself a message may be larger; from here on a payload of its own, and a reference, is the better way. */
const LARGE_BYTES = 1_000_000;

/**
 * Events between the parts of one program: the broker with functions for subscribers. Made by {@link createBus}.
 *
 * Each subscription gets each event that it asks for at least once; a handler that fails holds up no other. Handlers run from a
 * later turn of the event loop on, never within `publish`.
 */
export class Bus implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #groups: Groups;
  readonly #publisher: BusPublisher;
  readonly #source: string;
  readonly #clock: Clock;
  readonly #times = new IsoTimes();
  readonly #logger: BusLogger | undefined;
  readonly #onError: ((failure: HandlerFailure) => void) | undefined;
  readonly #kept: KeptEvents | undefined;
  readonly #replies = new Replies();
  readonly #batches = new Set<EventBatch>();
  readonly #published = new Counter();
  readonly #failed = new Counter();
  #deadLetters = 0;
  #expired = 0;
  #lastFailure: unknown;

  constructor({ source, log, retention, onError, logger, clock = systemClock }: BusOptions) {
    const topics = [{ name: TOPIC }, { name: DEAD_LETTER_TOPIC }];
    this.#broker = new Broker({ topology: { topics, subscriptions: [] }, log, clock });
    this.#groups = new Groups(this.#broker);
    this.#source = source;
    this.#clock = clock;
    this.#logger = logger;
    this.#onError = onError;
    this.#kept = retention === undefined ? undefined : new KeptEvents(retention);
    this.#publisher = this.#publisherFor({ source });
  }

  /** See {@link BusPublisher.publish}. Its correlation_id is the event's own id, where nothing else is given. */
  publish(draft: AnyDraft, options?: PublishOptions): Promise<Published> {
    return this.#publisher.publish(draft, options);
  }

  /** See {@link BusPublisher.publishAll}. */
  publishAll(drafts: readonly AnyDraft[], options?: PublishOptions): Promise<readonly Published[]> {
    return this.#publisher.publishAll(drafts, options);
  }

  /** See {@link BusPublisher.batch}. What is still in a batch when the bus closes is published then. */
  batch(options?: BatchOptions): EventBatch {
    return this.#publisher.batch(options);
  }

  /** See {@link BusPublisher.request}. */
  request(draft: AnyDraft, options?: RequestOptions): Promise<Envelope> {
    return this.#publisher.request(draft, options);
  }

  /**
   * A publisher whose events have something in common: its source, its tenant, and one correlation_id (default: a new one), so
   * that all it publishes is one chain.
   */
  publisher(common: PublishOptions = {}): BusPublisher {
    const { source = this.#source, correlation_id = crypto.randomUUID() } = common;
    return this.#publisherFor({ ...common, source, correlation_id });
  }

  #publisherFor(common: PublishOptions & { readonly source: string }): BusPublisher {
    return new BusPublisher(
      {
        now: () => this.#times.of(this.#clock.now()),
        send: (outgoing) => this.#send(outgoing),
        waitForReply: (request, options) => this.#replies.wait(request, options),
        opened: (batch) => this.#batches.add(batch),
        closed: (batch) => this.#batches.delete(batch),
      },
      common,
    );
  }

  async #send(outgoing: readonly Outgoing[]): Promise<readonly Published[]> {
    const messages = outgoing.map(({ event, options }) => messageOfEvent(event, options));
    let messageIds: readonly string[];
    try {
      messageIds = await this.#broker.publish(messages);
      this.#lastFailure = undefined;
    } catch (error) {
      this.#lastFailure = error;
      throw error;
    }
    return outgoing.map(({ event }, place) => {
      const message = messages[place];
      this.#published.add(event.event_type);
      this.#kept?.add(event);
      this.#replies.offer(event);
      if (message !== undefined) {
        if (message.data.byteLength > LARGE_BYTES) this.#warnOfSize(event, message.data.byteLength);
        const facts = published(event, messageIds[place], this.#broker.recipientsOf(message));
        this.#logger?.info(facts, "event published");
      }
      return { eventId: event.event_id, messageId: messageIds[place] ?? "" };
    });
  }

  #warnOfSize({ event_type, event_id }: Envelope, bytes: number): void {
    const problem = `${event_type} has ${bytes} bytes: keep what is over 1 MB elsewhere and publish a reference`;
    if (this.#logger === undefined) process.emitWarning(problem);
    else this.#logger.warn({ event: "large_payload", event_type, event_id, bytes }, problem);
  }

  /**
   * Calls a handler for each event that the selector asks for, published from now on, once this resolved. Given a definition of
   * `defineEvent`, the handler's event has its types. Rejects with a TypeError for options or patterns that cannot be, with a
   * FilterError for the filter.
   */
  subscribe<T extends string, D>(
    definition: EventDefinition<T, D>,
    handle: Handle<Envelope<T, D>>,
    options?: HandlerOptions,
  ): Promise<BusSubscription>;
  subscribe(selector: Selector, handle: Handle, options?: HandlerOptions): Promise<BusSubscription>;
  async subscribe(
    selector: Selector | { readonly type: string },
    handle: Handle<never>,
    options: HandlerOptions = {},
  ): Promise<BusSubscription> {
    // A definition's events are of its type: they were made by it, or have its name.
    const deliver = deliverTo(handle as Handle, options, this.#office);
    return this.#groups.join(selection(selector), handle, deliver, options);
  }

  readonly #office: HandlerOffice = {
    now: () => this.#clock.now().getTime(),
    expired: () => this.#expired++,
    failed: (failure) => this.#heardFailure(failure),
    putDeadLetter: (delivery, failure) => this.#putDeadLetter(delivery, failure),
    publishCausedBy: (cause, draft, options) =>
      this.#publisher.publish(draft, {
        tenant_id: cause.tenant_id,
        correlation_id: cause.correlation_id,
        parent_event_id: cause.event_id,
        hops: cause.hops + 1,
        ...(cause.trace_id === undefined ? {} : { trace_id: cause.trace_id }),
        ...(cause.execution_id === undefined ? {} : { execution_id: cause.execution_id }),
        ...options,
      }),
  };

  #heardFailure(failure: HandlerFailure): void {
    const { event, error, subscription, attempt, next } = failure;
    this.#failed.add(event.event_type);
    const { event_type, event_id, trace_id } = event;
    const fields = { event: "handler_failed", event_type, event_id, trace_id, subscription, attempt, next, err: error };
    this.#logger?.warn(fields, "handler failed");
    try {
      this.#onError?.(failure);
    } catch {
      // The hook is told, not asked.
    }
  }

  async #putDeadLetter(delivery: Delivery, { event, error, subscription, attempt }: HandlerFailure): Promise<void> {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300);
    const about = {
      dead_letter_reason: reason.toWellFormed(),
      dead_letter_consumer: subscription,
      dead_letter_failures: String(attempt),
    };
    const message = messageOfEvent(event, {});
    const attributes = { ...delivery.attributes, ...about };
    await this.#broker.publish([{ ...message, topic: DEAD_LETTER_TOPIC, attributes }]);
    this.#deadLetters++;
  }

  /**
   * Calls a handler for each dead letter from now on; one that fails is told again. With a `group` and a log that is durable, also
   * for those that came while nobody heard, from the first time on that this was called.
   */
  onDeadLetter(
    handle: (letter: DeadLetter) => unknown,
    options: { readonly group?: string } = {},
  ): Promise<BusSubscription> {
    const deliver = async (delivery: Delivery) => {
      await handle(deadLetterOf(delivery));
      return "ack" as const;
    };
    const durable = options.group !== undefined;
    return this.#groups.join({ topic: DEAD_LETTER_TOPIC }, handle, deliver, { ...options, durable });
  }

  /**
   * The events that were published in a range of time, the oldest first, each marked with the `replay_generation` of this call;
   * a snapshot, nobody else hears them. Throws a TypeError where the bus keeps none.
   */
  replay(range: ReplayRange = {}): readonly Envelope[] {
    if (this.#kept === undefined) throw new TypeError("this bus keeps no events to replay: give createBus a retention");
    return this.#kept.replay(range, this.#clock.now());
  }

  stats(): BusStats {
    const event_counts = this.#published.toRecord();
    return {
      total_event_types: this.#published.types,
      total_subscribers: this.#groups.handlers,
      event_counts,
      error_counts: this.#failed.toRecord(),
      total_events: this.#published.total,
      events_by_type: event_counts,
      active_subscribers: this.#groups.subscriptions,
      registered_handlers: this.#groups.registered,
      dead_letters: this.#deadLetters,
      expired_events: this.#expired,
    };
  }

  /** Asks the log. Never rejects. */
  async health(): Promise<BusHealth> {
    if (this.#broker.isClosed) return unhealthy("the bus is closed", false);
    try {
      const counts = await this.#broker.counts();
      const details = {
        depth: counts.reduce((sum, { depth }) => sum + depth, 0),
        outstanding: counts.reduce((sum, { outstanding }) => sum + outstanding, 0),
      };
      if (this.#lastFailure === undefined) return { status: "healthy", connected: true, details };
      return unhealthy(this.#lastFailure, true);
    } catch (error) {
      return unhealthy(error, false);
    }
  }

  /** Resolves when all that was published is handled, or has failed for the last time, with all that followed from it. */
  whenIdle(): Promise<void> {
    return this.#broker.whenIdle();
  }

  /**
   * Publishes what is in batches, waits until all is handled, at most `graceMs` (default: 5,000), and closes the log. With a log in
   * memory, what is not handled by then is lost.
   */
  async close({ graceMs = 5000 }: { readonly graceMs?: number } = {}): Promise<void> {
    const endsAt = performance.now() + graceMs;
    try {
      await Promise.all([...this.#batches].map((batch) => batch[Symbol.asyncDispose]()));
    } finally {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, graceMs);
      await Promise.race([this.#broker.whenIdle(), over]);
      clearTimeout(timer);
      await this.#broker.close({ graceMs: Math.max(0, endsAt - performance.now()) });
    }
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One that the broker made itself, of an event whose handler never ended, has Pub/Sub's attributes and no reason. */
function deadLetterOf(delivery: Delivery): DeadLetter {
  const { attributes } = delivery;
  const subscription = attributes["dead_letter_consumer"] ?? attributes["CloudPubSubDeadLetterSourceSubscription"];
  const attempts = attributes["dead_letter_failures"] ?? attributes["CloudPubSubDeadLetterSourceDeliveryCount"];
  return {
    event: eventOf(delivery),
    reason: attributes["dead_letter_reason"] ?? "the handler did not end in time",
    subscription: subscription ?? "unknown",
    attempts: Number(attempts),
  };
}

function unhealthy(error: unknown, connected: boolean): BusHealth {
  const reason = error instanceof Error ? error.message : String(error);
  return { status: "unhealthy", connected, details: { error: reason } };
}

function published(event: Envelope, messageId: string | undefined, subscribers: number): object {
  const { event_type, event_id, source, trace_id, timestamp, data } = event;
  const payload_keys = typeof data === "object" && data !== null ? Object.keys(data) : [];
  return {
    event: "event_published",
    event_type,
    event_id,
    message_id: messageId,
    source,
    trace_id,
    timestamp,
    subscriber_count: subscribers,
    payload_keys,
  };
}
