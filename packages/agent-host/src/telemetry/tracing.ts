import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  propagation,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import type { Handler, OutgoingMessage, Outcome, Publisher, Receive, Store } from "@contextpilot/messaging";

/**
 * Spans of a message's life, from the outside: each method gives the part as it is, with spans around what it does. A delivery goes
 * on in the trace that its attribute `traceparent` names, and what is published meanwhile carries it further.
 */
export class Tracing {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  receive(receive: Receive): Receive {
    return (delivery) => {
      const from = propagation.extract(ROOT_CONTEXT, delivery.attributes);
      const about = {
        "messaging.system": "gcp_pubsub",
        "messaging.operation.type": "process",
        "messaging.destination.subscription.name": delivery.subscription,
        "messaging.message.id": delivery.messageId,
        ...eventOf(delivery.attributes),
      };
      const name = `receive ${delivery.subscription}`;
      return this.#within(name, { kind: SpanKind.CONSUMER, about, from }, async (span) => {
        const outcome = await receive(delivery);
        span.setAttribute("contextpilot.outcome", outcome.kind);
        const problem = problemOf(outcome);
        if (problem !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: problem });
        return outcome;
      });
    };
  }

  handlers<H extends Readonly<Record<string, Handler>>>(handlers: H): H {
    const traced = Object.entries(handlers).map(([type, handler]) => [type, this.#handler(handler)] as const);
    return Object.fromEntries(traced) as unknown as H;
  }

  store(store: Store): Store {
    const client = { kind: SpanKind.CLIENT };
    return {
      read: (keys) =>
        this.#within("store read", { ...client, about: { "contextpilot.documents": keys.length } }, () =>
          store.read(keys),
        ),
      commit: (unit) =>
        this.#within("store commit", { ...client, about: { "contextpilot.documents": unit.documents.length } }, () =>
          store.commit(unit),
        ),
      due: (now, limit) => this.#within("store due", client, () => store.due(now, limit)),
    };
  }

  publisher(publisher: Publisher): Publisher {
    return {
      publish: (messages) => {
        const [first] = messages;
        if (first === undefined) return publisher.publish(messages);
        const about = {
          "messaging.system": "gcp_pubsub",
          "messaging.operation.type": "send",
          "messaging.destination.name": first.topic,
          "messaging.batch.message_count": messages.length,
          ...eventOf(first.attributes),
        };
        return this.#within(`publish ${first.topic}`, { kind: SpanKind.PRODUCER, about }, () =>
          publisher.publish(messages.map(carrying)),
        );
      },
    };
  }

  #handler(handler: Handler): Handler {
    const verb = handler.claim === undefined ? "decide" : "act";
    return {
      ...handler,
      run: (...given) => this.#within(`${verb} ${handler.type}`, {}, async () => handler.run(...given)),
    };
  }

  #within<T>(
    name: string,
    { kind = SpanKind.INTERNAL, about = {}, from = context.active() }: About,
    work: Work<T>,
  ): Promise<T> {
    return this.#tracer.startActiveSpan(name, { kind, attributes: about }, from, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        // A client's error may quote what it sent: its kind is enough, the log has the rest.
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : typeof error });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

type Work<T> = (span: Span) => Promise<T>;

interface About {
  readonly kind?: SpanKind;
  readonly about?: Attributes;
  /** Default: the span that is running. */
  readonly from?: Context;
}

/** The message, with the trace in which it is published. */
function carrying(message: OutgoingMessage): OutgoingMessage {
  const carried: Record<string, string> = {};
  propagation.inject(context.active(), carried);
  return { ...message, attributes: { ...message.attributes, ...carried } };
}

function eventOf(attributes: Readonly<Record<string, string>>): Attributes {
  const { event_type, event_id, correlation_id } = attributes;
  return {
    ...(event_type === undefined ? {} : { "contextpilot.event_type": event_type }),
    ...(event_id === undefined ? {} : { "contextpilot.event_id": event_id }),
    ...(correlation_id === undefined ? {} : { "contextpilot.correlation_id": correlation_id }),
  };
}

const problemOf = (outcome: Outcome): string | undefined =>
  outcome.kind === "retry" || outcome.kind === "dead-lettered" ? outcome.error.code : undefined;
