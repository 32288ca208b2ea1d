import type { AnyEvent, Envelope } from "@contextpilot/events";
import { downstreamOf } from "./downstream.ts";
import { MessageError } from "./error.ts";
import { failuresIn, failuresKey } from "./failures.ts";
import type { DecideContext, Decision, Handler, StateRefs } from "./handler.ts";
import { dataHash, inboxCreation, inboxKey, storeKey, type InboxRecord } from "./inbox.ts";
import { KeyQueue } from "./key-queue.ts";
import type { Outcome } from "./outcome.ts";
import { Outbox } from "./outbox.ts";
import type { Clock } from "./ports/clock.ts";
import type { Publisher } from "./ports/publisher.ts";
import { AlreadyHandled, Conflict, type DocumentChange, type Store, type StoredDocument } from "./ports/store.ts";
import type { Delivery } from "./ports/subscriber.ts";
import { withTimeLimit } from "./time-limit.ts";

type Decided = Decision<AnyEvent["event_type"], StateRefs, AnyEvent["event_type"]>;

/** Steps 7 to 9: read the state, read the facts, decide, commit everything at once, publish. */
export class Decider {
  readonly #service: string;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #queue = new KeyQueue();

  constructor(options: { service: string; store: Store; publisher: Publisher; clock: Clock }) {
    this.#service = options.service;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#outbox = new Outbox(options.publisher);
  }

  /** Handles an event with its one effect, or finishes what was begun before. Throws a MessageError, or what the handler threw. */
  async handle(handler: Handler, event: AnyEvent, delivery: Delivery, ackDeadlineSeconds: number): Promise<Outcome> {
    const deadlineMs = ackDeadlineSeconds * 1000;
    const startedAt = performance.now();
    const refs = Object.entries(handler.state(event)).map(([name, ref]) => ({
      name,
      parse: (value: unknown) => ref.parse(value),
      key: storeKey(event.tenant_id, this.#service, ref.key),
    }));
    const work = new Work(handler, event, delivery, refs, inboxKey(this.#service, event));
    // Without state nothing but the inbox record can conflict: nothing to queue for.
    return this.#queue.run(
      refs.map(({ key }) => key),
      async () => {
        for (;;) {
          const outcome = await this.#attempt(work, deadlineMs - (performance.now() - startedAt));
          if (outcome !== "conflict") return outcome;
          if (performance.now() - startedAt > (deadlineMs * 2) / 3) {
            throw MessageError.retryable("conflict", "its state kept changing", { event: event.event_id });
          }
        }
      },
    );
  }

  /** Finishes what an earlier delivery of the event committed; undefined where none did. Throws a MessageError. */
  async finish(event: Envelope): Promise<Outcome | undefined> {
    const key = inboxKey(this.#service, event);
    const [record] = await this.#read([key]);
    return record?.value === undefined ? undefined : this.#finishRecord(key, event, record.value as InboxRecord);
  }

  async #attempt(work: Work, remainingMs: number): Promise<Outcome | "conflict"> {
    const { handler, event, delivery } = work;
    const now = this.#clock.now();
    const documents = work.readsFirst ? await this.#read(work.keys(this.#service)) : [];
    const [record, failed, ...stored] = documents;
    if (record?.value !== undefined) return this.#finishRecord(work.inboxKey, event, record.value as InboxRecord);

    const context = { now, retryCount: failuresIn(failed) };
    const state = work.parse(stored);
    const decision = await this.#decide(handler, event, state, context, remainingMs); // 7 decide
    const events = downstreamOf(this.#service, event, decision, now);
    try {
      await this.#store.commit({
        create: inboxCreation(work.inboxKey, event, events, now),
        documents: work.changes(stored, decision),
      }); // 8 commit
    } catch (error) {
      if (error instanceof Conflict) return "conflict";
      if (error instanceof AlreadyHandled) return (await this.finish(event)) ?? "conflict";
      const details = { event: event.event_id, subscription: delivery.subscription };
      throw MessageError.retryable("store-failed", "commit failed", details, { cause: error });
    }
    await this.#outbox.publish(work.inboxKey, events); // 9 publish
    const note = decision.note === undefined ? {} : { note: decision.note };
    return { kind: "handled", event, duplicate: false, published: events, ...note };
  }

  async #decide(
    handler: Handler,
    event: AnyEvent,
    state: Readonly<Record<string, unknown>>,
    context: DecideContext,
    remainingMs: number,
  ): Promise<Decided> {
    if (!handler.reads) return handler.decide(event, state, undefined, context);
    const facts = await withTimeLimit(remainingMs * 0.9, (signal) =>
      handler.read(event, state, { ...context, signal }),
    );
    return handler.decide(event, state, facts, context);
  }

  async #finishRecord(key: string, event: Envelope, record: InboxRecord): Promise<Outcome> {
    await this.#outbox.publish(key, record.events);
    const differs = record.data_hash === dataHash(event) ? {} : { dataDiffers: true as const };
    return { kind: "handled", event, duplicate: true, published: record.events, ...differs };
  }

  async #read(keys: readonly string[]): Promise<readonly StoredDocument[]> {
    try {
      return await this.#store.read(keys);
    } catch (cause) {
      throw MessageError.retryable("store-failed", "state could not be read", { keys: keys.length }, { cause });
    }
  }
}

interface Ref {
  readonly name: string;
  readonly key: string;
  parse(stored: unknown): unknown;
}

/** One event with its handler, and the documents that they need. */
class Work {
  readonly handler: Handler;
  readonly event: AnyEvent;
  readonly delivery: Delivery;
  readonly inboxKey: string;
  readonly #refs: readonly Ref[];

  constructor(handler: Handler, event: AnyEvent, delivery: Delivery, refs: readonly Ref[], inboxKey: string) {
    this.handler = handler;
    this.event = event;
    this.delivery = delivery;
    this.#refs = refs;
    this.inboxKey = inboxKey;
  }

  /** A first delivery without state or facts needs no read: its commit finds out whether it is a duplicate. */
  get readsFirst(): boolean {
    return this.#refs.length > 0 || this.handler.reads || this.delivery.deliveryAttempt !== 1;
  }

  keys(service: string): readonly string[] {
    const failures = failuresKey(service, this.event, this.inboxKey, this.delivery);
    return [this.inboxKey, failures, ...this.#refs.map(({ key }) => key)];
  }

  parse(stored: readonly StoredDocument[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#refs.map((ref, index) => [ref.name, ref.parse(stored[index]?.value)]));
  }

  /** Every document that was read, changed or not, on the condition that it is as it was read. */
  changes(stored: readonly StoredDocument[], { state = {} }: Decided): readonly DocumentChange[] {
    return this.#refs.map(({ name, key }, index) => ({
      key,
      expected: stored[index]?.version,
      change: state[name] === undefined ? { kind: "keep" } : { kind: "set", value: state[name] },
    }));
  }
}
