import type { Envelope } from "@contextpilot/events";
import { resolveTopology, type Service } from "@contextpilot/topology";
import { DeadLetters, type Undeliverable } from "./dead-letter.ts";
import { Decider } from "./decide.ts";
import { dispatch, dispatchOf } from "./dispatch.ts";
import { MessageError } from "./error.ts";
import { countFailure, failuresKey, isExhausted } from "./failures.ts";
import { guard, isForAnother } from "./guard.ts";
import type { Handler, HandlersOf } from "./handler.ts";
import { inboxKey } from "./inbox.ts";
import { openEnvelope } from "./open-envelope.ts";
import type { Outcome } from "./outcome.ts";
import { systemClock, type Clock } from "./ports/clock.ts";
import type { Payloads } from "./ports/payloads.ts";
import type { Publisher } from "./ports/publisher.ts";
import type { Store } from "./ports/store.ts";
import type { Delivery } from "./ports/subscriber.ts";
import { readData } from "./resolve-data.ts";
import { withStoreErrors } from "./store-errors.ts";
import { tickFor } from "./tick.ts";
import { Work } from "./work.ts";

/** Takes a delivery through its life and says how it ended. Never rejects. */
export type Receive = (delivery: Delivery) => Promise<Outcome>;

/** Sets a message aside that could not even be read as a delivery. Rejects with a MessageError where the bus does not take it. */
export type SetAside = (message: Undeliverable, error: MessageError) => Promise<void>;

/** What stands behind a service's `/events`, its pull loop and the in-process bus alike. */
export interface Receiver {
  readonly receive: Receive;
  /**
   * Takes many at once, side by side, and gives one outcome for each in the order of the deliveries: a bad one holds up no other.
   * Each is committed by itself; a store that groups commits writes them to disk together. Never rejects.
   */
  readonly receiveBatch: (deliveries: readonly Delivery[]) => Promise<readonly Outcome[]>;
  readonly setAside: SetAside;
}

interface ReceiverParts {
  readonly store: Store;
  readonly publisher: Publisher;
  /** Where data too large for a message is kept. Default: nowhere; an event of more than 512 KiB is a failure then. */
  readonly payloads?: Payloads;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** The one tenant to serve; others' events are refused, and the clock's are its own. Default: every tenant. */
  readonly tenant?: string;
  /** The ack deadline of a subscription, below which every delivery is answered. Default: as the topology says. */
  readonly ackDeadlineSeconds?: (subscription: string) => number;
}

/** A service of the house: its handlers are those that the topology asks for. */
export interface ReceiverOptions<S extends Service> extends ReceiverParts {
  readonly service: S;
  readonly handlers: HandlersOf<S>;
}

/** A program that the topology does not know, or a service that hears event types of its own: any handlers, one for each type. */
export interface OwnReceiverOptions extends ReceiverParts {
  readonly service: string;
  readonly handlers: readonly Handler[];
}

/** Pub/Sub: 10 s is the shortest ack deadline, and its default. */
const SHORTEST_ACK_DEADLINE_SECONDS = 10;
const ackDeadlines = new Map(resolveTopology().subscriptions.map((spec) => [spec.name, spec.ackDeadlineSeconds]));
const ackDeadlineInTopology = (subscription: string): number =>
  ackDeadlines.get(subscription) ?? SHORTEST_ACK_DEADLINE_SECONDS;

/** Steps 3 to 9 of a message's life, as docs/lifecycle.md draws them. */
export function createReceiver<S extends Service>(options: ReceiverOptions<S> | OwnReceiverOptions): Receiver {
  const { service, publisher, payloads, clock = systemClock, tenant } = options;
  const store = withStoreErrors(options.store);
  const ackDeadlineSeconds = options.ackDeadlineSeconds ?? ackDeadlineInTopology;
  const handlers = dispatchOf(Object.values<Handler>(options.handlers));
  const deadLetters = new DeadLetters(service, publisher, clock);
  const decider = new Decider({ service, store, publisher, payloads, clock });

  const receive: Receive = async (delivery) => {
    let envelope: Envelope | undefined;
    try {
      envelope = tickFor(tenant, openEnvelope(delivery)); // 3 envelope
      const handler = dispatch(handlers, envelope); // 4 dispatch
      const skip =
        handler === undefined
          ? "another-family"
          : guard({ service, tenant }, envelope, delivery.attributes, handler.replay, clock.now()); // 5 guard
      // Only time makes it so: it may have been in time for a delivery that somebody is still at.
      if (skip === "expired") return await decider.leaveOut(envelope, skip);
      if (handler === undefined || skip !== undefined) {
        return (
          (await decider.finish(envelope)) ?? { kind: "skipped", event: envelope, reason: skip ?? "another-family" }
        );
      }
      const read = readData(handler, envelope, payloads); // 6 data
      const event = read instanceof Promise ? await read : read;
      // 7 decide, 8 commit, 9 publish
      const work = new Work(service, handler, envelope, event, delivery);
      return await decider.handle(work, ackDeadlineSeconds(delivery.subscription));
    } catch (thrown) {
      return fail(delivery, envelope, MessageError.from(thrown, placeOf(delivery, envelope)));
    }
  };

  /** The exits of a delivery that could not be handled: again later, or to the dead letters. */
  const fail = async (delivery: Delivery, event: Envelope | undefined, error: MessageError): Promise<Outcome> => {
    const known = event === undefined ? {} : { event };
    try {
      if (error.class === "surroundings") return { kind: "retry", error, ...known };
      const failures = error.class === "counted" && event !== undefined ? await count(event, delivery, error) : 0;
      if (error.class === "counted" && !(event !== undefined && isExhausted(event, failures))) {
        return { kind: "retry", error, ...known };
      }
      const finished = event === undefined ? undefined : await decider.finish(event);
      if (finished !== undefined) return finished;
      // It is no more readable than it was: its addressee says so, and everybody else has said so before.
      if (isForAnother(service, delivery.attributes))
        return { kind: "skipped", reason: "addressed-to-another", ...known };
      await deadLetters.put(delivery, error, failures);
      return { kind: "dead-lettered", error, ...known };
    } catch (thrown) {
      const later = MessageError.from(thrown, placeOf(delivery, event));
      return { kind: "retry", error: later, ...known };
    }
  };

  const count = (event: Envelope, delivery: Delivery, error: MessageError): Promise<number> =>
    countFailure(store, failuresKey(service, event, inboxKey(service, event), delivery), error.message, clock.now());

  return receiverOf(receive, deadLetters);
}

function receiverOf(receive: Receive, deadLetters: DeadLetters): Receiver {
  return {
    receive,
    receiveBatch: (deliveries) => Promise.all(deliveries.map(receive)),
    setAside: (message, error) => deadLetters.put(message, error),
  };
}

function placeOf(delivery: Delivery, event: Envelope | undefined): Readonly<Record<string, string | undefined>> {
  return { event: event?.event_id, message: delivery.messageId, subscription: delivery.subscription };
}

/**
 * A receiver that takes each delivery as it is: for who hears dead letters or everything. `take` must be safe to repeat, once
 * by the message's own identity; its failure brings the delivery again, and nothing of it is ever dead-lettered.
 */
export function createRawReceiver(options: {
  readonly service: Service;
  readonly take: (delivery: Delivery) => Promise<void>;
  readonly publisher: Publisher;
  readonly clock?: Clock;
}): Receiver {
  const deadLetters = new DeadLetters(options.service, options.publisher, options.clock ?? systemClock);
  return receiverOf(async (delivery) => {
    try {
      await options.take(delivery);
      return { kind: "taken" };
    } catch (thrown) {
      return { kind: "retry", error: MessageError.from(thrown, placeOf(delivery, undefined)) };
    }
  }, deadLetters);
}
