import type { Envelope } from "@contextpilot/events";
import type { MessageOptions } from "./bus-message.ts";
import { EventBatch, type BatchOptions } from "./event-batch.ts";
import { prepareEvent, type AnyDraft, type PublishOptions } from "./prepare-event.ts";

/** The names of what was published: ours, and the bus's. */
export interface Published {
  readonly eventId: string;
  readonly messageId: string;
}

/** An event on its way, and what its message says beside it. */
export interface Outgoing {
  readonly event: Envelope;
  readonly options: MessageOptions;
}

/** What a publisher needs of its bus. */
export interface Outlet {
  send(outgoing: readonly Outgoing[]): Promise<readonly Published[]>;
  now(): string;
  waitForReply(request: Envelope, options: RequestOptions): { readonly reply: Promise<Envelope>; cancel(): void };
  opened(batch: EventBatch): void;
  closed(batch: EventBatch): void;
}

export interface RequestOptions extends PublishOptions {
  /** How long to wait, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number;
  /** The type of the reply, with or without its version. Default: whatever the request is the parent of. */
  readonly replyType?: string;
}

/** Publishes in one name: what its events have in common is given once. */
export class BusPublisher {
  readonly #outlet: Outlet;
  readonly #common: PublishOptions & { readonly source: string };

  constructor(outlet: Outlet, common: PublishOptions & { readonly source: string }) {
    this.#outlet = outlet;
    this.#common = common;
  }

  /**
   * Publishes an event. Resolves when the bus has it (durably, where its log is), not when it is handled. Rejects with a TypeError
   * where the event cannot be, with a PublishError where the bus does not take it.
   */
  async publish(draft: AnyDraft, options?: PublishOptions): Promise<Published> {
    const [published] = await this.#outlet.send([this.#prepare(draft, options)]);
    if (published === undefined) throw new TypeError("the bus gave no id");
    return published;
  }

  /** Publishes events together, in their order: all of them or none. Faster than one by one. */
  async publishAll(drafts: readonly AnyDraft[], options?: PublishOptions): Promise<readonly Published[]> {
    return this.#outlet.send(drafts.map((draft) => this.#prepare(draft, options)));
  }

  /** Collects events and publishes them by lists; `await using batch = bus.batch()` publishes the rest at the end of the block. */
  batch(options: BatchOptions = {}): EventBatch {
    const batch: EventBatch = new EventBatch(
      {
        prepare: (draft, said) => this.#prepare(draft, said),
        send: (outgoing) => this.#outlet.send(outgoing),
        closed: () => this.#outlet.closed(batch),
      },
      options,
    );
    this.#outlet.opened(batch);
    return batch;
  }

  /**
   * Publishes an event and resolves with the first that names it as its parent, with its trace_id: what a handler's
   * `context.publish` says. Rejects with a NoReply when none came in time.
   */
  async request(draft: AnyDraft, options: RequestOptions = {}): Promise<Envelope> {
    const { timeoutMs: _, replyType: __, ...said } = options;
    const outgoing = this.#prepare(draft, { ...said, trace_id: options.trace_id ?? crypto.randomUUID() });
    const waiting = this.#outlet.waitForReply(outgoing.event, options);
    try {
      await this.#outlet.send([outgoing]);
    } catch (error) {
      waiting.cancel();
      throw error;
    }
    return waiting.reply;
  }

  #prepare(draft: AnyDraft, options?: PublishOptions): Outgoing {
    const said = options === undefined ? this.#common : { ...this.#common, ...options };
    const { routingKey, orderingKey, persistent, timestamp = this.#outlet.now(), ...origin } = said;
    const event = prepareEvent(draft, { ...origin, timestamp, source: said.source ?? this.#common.source });
    return { event, options: { routingKey, orderingKey, persistent, attributes: draft.attributes } };
  }
}
