import { createEvent, type Draft, type Envelope, type EventType } from "@contextpilot/events";
import {
  MemoryStore,
  createReceiver,
  messageOf,
  type Delivery,
  type HandlersOf,
  type Outcome,
} from "@contextpilot/messaging";
import type { Service } from "@contextpilot/topology";
import { RecordingPublisher } from "./recording-publisher.ts";

/** An event of a story: what is said, and when (`10:20` of the story's day, or a full ISO 8601 time). */
export interface Told {
  readonly draft: Draft<EventType, unknown>;
  readonly at: string;
  /** Who says it. Default: the story. */
  readonly source?: string;
}

const STORY_DAY = "2026-03-02";

/** `10:20` or `2026-03-03T10:20` of the story as a full time. */
export const timeOf = (at: string): string =>
  new Date(at.includes("T") ? `${at}Z` : `${STORY_DAY}T${at}:00Z`).toISOString();

/** A service that hears what it is told through the real receive(), with a memory store and the story's own clock. */
export class Stage<S extends Service> {
  readonly publisher = new RecordingPublisher();
  readonly store: MemoryStore;
  readonly #handlers: HandlersOf<S>;
  readonly #receive: (delivery: Delivery) => Promise<Outcome>;
  #now = new Date(timeOf("09:00"));
  #messages = 0;
  #last: Delivery | undefined;

  constructor(service: S, handlers: HandlersOf<S>) {
    const clock = { now: () => this.#now };
    this.#handlers = handlers;
    this.store = new MemoryStore({ clock });
    this.#receive = createReceiver({ service, handlers, store: this.store, publisher: this.publisher, clock }).receive;
  }

  /** Tells it an event, then what it thereupon says to itself (the rest of its work). Gives one outcome a delivery. */
  async tell({ draft, at, source = "story" }: Told): Promise<readonly Outcome[]> {
    this.#now = new Date(timeOf(at));
    const timestamp = this.#now.toISOString();
    const event = createEvent(draft, { source, timestamp, event_id: `told-${this.#messages}` });
    const outcomes: Outcome[] = [];
    const told = new Map<string, Envelope>([[event.event_id, event]]); // grows while it is walked; what comes back by its id was told
    for (const next of told.values()) {
      this.#last = deliveryOf(next, { messageId: `message-${this.#messages++}` });
      const outcome = await this.#receive(this.#last);
      outcomes.push(outcome);
      const said = outcome.kind === "handled" ? outcome.published : [];
      for (const own of said) if (own.event_type in this.#handlers) told.set(own.event_id, own);
    }
    return outcomes;
  }

  /** Delivers the last message once more, as the bus does where it was not acked. */
  async redeliver(): Promise<Outcome> {
    if (this.#last === undefined) throw new TypeError("nothing was told yet");
    this.#last = { ...this.#last, deliveryAttempt: (this.#last.deliveryAttempt ?? 0) + 1 };
    return this.#receive(this.#last);
  }
}

/** An event as a bus would hand it over, for the first time. */
export function deliveryOf(event: Envelope, over: Partial<Delivery> = {}): Delivery {
  const { data, attributes } = messageOf(event);
  return {
    messageId: "1",
    data,
    attributes,
    publishTime: event.timestamp,
    subscription: "story",
    deliveryAttempt: 1,
    ...over,
  };
}
