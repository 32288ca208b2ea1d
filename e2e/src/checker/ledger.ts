import { isDeepStrictEqual } from "node:util";
import type { Envelope } from "@contextpilot/events";
import type { CommitUnit, Delivery, OutgoingMessage } from "@contextpilot/messaging";
import type { Stay } from "./witnesses.ts";

interface Handling {
  readonly service: string;
  readonly event_type: string;
  readonly event_id: string;
  readonly at: number;
}

/** A message as far as it matters here. */
export type Taken = Pick<OutgoingMessage, "topic" | "data" | "attributes">;

/** What was seen from outside while a run went on: what the bus took, what the store wrote, who was given what, and how it ended. */
export class Ledger {
  /** Broken promises, in words. */
  readonly violations: string[] = [];
  /** By topic and event: what the bus has taken at least once. */
  readonly accepted = new Map<string, { readonly topic: string; readonly event: Envelope; readonly message: Taken }>();
  /** Written together with an inbox record, or with a document that was due. */
  readonly committed = new Map<string, Envelope>();
  readonly handlings: Handling[] = [];
  /** By service and event: how deliveries that were answered ended. */
  readonly endings = new Map<string, Set<string>>();
  /** By dead_letter_id. */
  readonly letters = new Map<string, Taken>();
  readonly stays: Stay[] = [];
  readonly #seen = new Set<string>();
  readonly #lastOfKey = new Map<string, { readonly message: number; readonly acked: boolean }>();

  violated(promise: string): void {
    if (this.violations.length < 20) this.violations.push(promise);
  }

  /** The store wrote this, so many milliseconds after the beginning. */
  wrote({ create }: Pick<CommitUnit, "create">, at: number): void {
    if (create === undefined) return;
    const [, service = "", kind] = create.key.split("/");
    const record = create.value as {
      readonly event_type?: string;
      readonly event_id?: string;
      readonly said?: readonly { readonly event: Envelope }[];
      readonly skipped?: string;
    };
    for (const { event } of record.said ?? []) this.committed.set(event.event_id, event);
    if (kind !== "inbox" || record.skipped !== undefined) return;
    const { event_type = "", event_id = "" } = record;
    const identity = `${service} ${event_type} ${event_id}`;
    if (this.#seen.has(identity)) this.violated(`${service} handled ${event_type} ${event_id} twice`);
    this.#seen.add(identity);
    this.handlings.push({ service, event_type, event_id, at });
  }

  /** An agent asks the bus to take this. */
  publishes(service: string, { topic, data }: Taken): void {
    if (topic.endsWith("-dlq")) return;
    const event = eventIn(data);
    if (!this.committed.has(event.event_id)) {
      this.violated(`${service} published ${event.event_type} ${event.event_id} before it was committed`);
    }
  }

  /** The bus has taken this. */
  took(message: Taken): void {
    const { topic, data } = message;
    if (topic.endsWith("-dlq")) return;
    const event = eventIn(data);
    const name = keyOf(topic, event);
    const before = this.accepted.get(name);
    if (before !== undefined && !isTheSame(before, { event, message })) {
      this.violated(`${event.event_type} ${event.event_id} was published as two different events`);
    }
    if (message.attributes["redrive_to"] === undefined) this.accepted.set(name, { topic, event, message });
  }

  /** Ordered subscriptions: of a key nothing comes before what is older was acked. */
  delivers(subscription: string, { messageId, orderingKey = "" }: Delivery): void {
    const name = `${subscription} ${orderingKey}`;
    const last = this.#lastOfKey.get(name);
    const message = Number(messageId);
    if (last !== undefined && message > last.message && !last.acked) {
      this.violated(`${subscription} delivered ${message} of ${orderingKey} before ${last.message} was acked`);
    }
    if (last === undefined || message > last.message) this.#lastOfKey.set(name, { message, acked: false });
  }

  acked(subscription: string, { messageId, orderingKey = "" }: Delivery): void {
    const name = `${subscription} ${orderingKey}`;
    if (this.#lastOfKey.get(name)?.message === Number(messageId))
      this.#lastOfKey.set(name, { message: Number(messageId), acked: true });
  }

  ended(service: string, delivery: Pick<Delivery, "attributes">, how: string): void {
    const { event_id = "", event_type = "", replay_generation = "" } = delivery.attributes;
    const name = `${service} ${event_type} ${event_id} ${replay_generation}`;
    const endings = this.endings.get(name) ?? new Set();
    this.endings.set(name, endings.add(how));
  }
}

/** A message is seen by who publishes it and by who takes it. */
const eventsSeen = new WeakMap<Uint8Array, Envelope>();

function eventIn(data: Uint8Array): Envelope {
  const event = eventsSeen.get(data) ?? (JSON.parse(Buffer.from(data).toString()) as Envelope);
  eventsSeen.set(data, event);
  return event;
}

interface Said {
  readonly event: Envelope;
  readonly message: Taken;
}

/** What nothing caused may be said again by its sender, at another time; what followed from something is the same to the byte. */
const isTheSame = (a: Said, b: Said): boolean =>
  a.event.parent_event_id === undefined || b.event.parent_event_id === undefined
    ? isDeepStrictEqual(a.event.data, b.event.data)
    : Buffer.from(a.message.data).equals(Buffer.from(b.message.data));

const keyOf = (topic: string, { event_id, replay_generation = "" }: Envelope): string =>
  `${topic} ${event_id} ${replay_generation}`;
