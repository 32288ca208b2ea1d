import type { Envelope } from "@contextpilot/events";
import type { DocumentRef } from "./collection.ts";
import { failuresIn, failuresKey } from "./failures.ts";
import type { Decision, Handler, StateRefs } from "./handler.ts";
import { inboxKey, storeKey } from "./inbox.ts";
import type { DocumentChange, StoredDocument } from "./ports/store.ts";
import type { Delivery } from "./ports/subscriber.ts";

interface Ref {
  readonly name: string;
  readonly key: string;
  readonly ref: DocumentRef<unknown>;
}

/** One event with its handler, and the documents that they need. */
export class Work {
  readonly handler: Handler;
  /** As it came: what the inbox record remembers. */
  readonly envelope: Envelope;
  /** With its data as the handler reads it. */
  readonly event: Envelope;
  readonly delivery: Delivery;
  readonly inboxKey: string;
  readonly #service: string;
  readonly #refs: readonly Ref[];

  constructor(service: string, handler: Handler, envelope: Envelope, event: Envelope, delivery: Delivery) {
    this.#service = service;
    this.handler = handler;
    this.envelope = envelope;
    this.event = event;
    this.delivery = delivery;
    this.inboxKey = inboxKey(service, event);
    this.#refs = Object.entries(handler.state(event)).map(([name, ref]) => ({
      name,
      ref,
      key: storeKey(event.tenant_id, service, ref.key),
    }));
  }

  get stateKeys(): readonly string[] {
    return this.#refs.map(({ key }) => key);
  }

  /** A first delivery without state or facts needs no read: its commit finds out whether it is a duplicate. */
  get readsFirst(): boolean {
    return this.#refs.length > 0 || this.handler.looksOutside || this.delivery.deliveryAttempt !== 1;
  }

  /** The inbox record, the state, then the failures; at a first delivery nothing has failed yet. */
  get keys(): readonly string[] {
    const keys = [this.inboxKey, ...this.stateKeys];
    if (this.delivery.deliveryAttempt === 1) return keys;
    return [...keys, failuresKey(this.#service, this.event, this.inboxKey, this.delivery)];
  }

  failuresIn(stored: readonly StoredDocument[]): number {
    return failuresIn(stored[this.#refs.length]);
  }

  stateIn(stored: readonly StoredDocument[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#refs.map(({ name, ref }, index) => [name, ref.parse(stored[index]?.value)]));
  }

  /** Every document that was read and not only glanced at, changed or not, on the condition that it is as it was read. */
  changesTo(
    stored: readonly StoredDocument[],
    { state = {} }: Pick<Decision<string, StateRefs, string>, "state">,
  ): readonly DocumentChange[] {
    return this.#refs.flatMap(({ name, key, ref }, index): DocumentChange[] => {
      const expected = stored[index]?.version;
      const value = state[name];
      if (value === undefined) return ref.glanced ? [] : [{ key, expected, change: { kind: "keep" } }];
      if (ref.glanced) throw new TypeError(`${name} was only glanced at, and is written`);
      const dueAt = ref.dueAt(value);
      return [{ key, expected, change: { kind: "set", value }, ...(dueAt === undefined ? {} : { dueAt }) }];
    });
  }
}
