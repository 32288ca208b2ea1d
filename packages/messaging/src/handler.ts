import type { Draft, EventOf, EventType } from "@contextpilot/events";
import type { HeardBy, SaidBy, Service } from "@contextpilot/topology";
import type { DocumentRef } from "./collection.ts";

/** What a handler may know beside the event, its state and its facts. */
export interface DecideContext {
  /** The time of this attempt. */
  readonly now: Date;
  /** How often the handler has failed at this delivery's message before, from 0. */
  readonly retryCount: number;
}

export interface ReadContext extends DecideContext {
  /** Aborts at the time limit, which lies below the subscription's ack deadline. */
  readonly signal: AbortSignal;
}

/** The documents that a handler reads, by the name it gives them. */
export type StateRefs = Readonly<Record<string, DocumentRef<unknown>>>;
export type StateOf<R extends StateRefs> = { readonly [K in keyof R]: R[K] extends DocumentRef<infer T> ? T : never };

/** What a handler decides: what to say, and what to remember. All of it takes effect at once, or none. */
export interface Decision<T extends EventType, R extends StateRefs, Said extends EventType> {
  readonly events: readonly Draft<Said, unknown>[];
  /** The documents to write; one that is left out stays as it was read. */
  readonly state?: { readonly [K in keyof R]?: StateOf<R>[K] };
  /** The rest of the work, as a further event of the same type with a cursor in its data and a natural key. Keeps the hops. */
  readonly continuation?: Draft<T, unknown>;
  /** In a few words, why it says nothing or what it set aside: for the log, and for who wonders. */
  readonly note?: string;
}

interface HandlerBase<T extends EventType, R extends StateRefs> {
  /** The documents to read; their keys follow from the event alone. */
  state?(event: EventOf<T>): R;
  /** Whether a replayed event is handled. Default: `skip` with state, `handle` without. */
  readonly replay?: "skip" | "handle";
}

/** A handler that needs no facts from outside. */
export interface PureSpec<T extends EventType, R extends StateRefs, Said extends EventType> extends HandlerBase<T, R> {
  readonly read?: never;
  /** Pure: the same arguments, the same decision. May run more than once. */
  decide(event: EventOf<T>, state: StateOf<R>, context: DecideContext): Decision<T, R, Said>;
}

/** A handler that reads facts from outside before it decides. */
export interface ReadingSpec<T extends EventType, R extends StateRefs, F, Said extends EventType> extends HandlerBase<
  T,
  R
> {
  /** Repeatable and without effects; may run more than once. */
  read(event: EventOf<T>, state: StateOf<R>, context: ReadContext): Promise<F>;
  /** Pure: the same arguments, the same decision. May run more than once. */
  decide(event: EventOf<T>, state: StateOf<R>, facts: F, context: DecideContext): Decision<T, R, Said>;
}

/** A handler as receive() runs it: made by {@link handler}. */
export interface Handler<T extends EventType = EventType, Said extends EventType = EventType> {
  readonly type: T;
  readonly replay: "skip" | "handle";
  readonly reads: boolean;
  readonly state: (event: EventOf<T>) => StateRefs;
  readonly read: (
    event: EventOf<T>,
    state: Readonly<Record<string, unknown>>,
    context: ReadContext,
  ) => Promise<unknown>;
  readonly decide: (
    event: EventOf<T>,
    state: Readonly<Record<string, unknown>>,
    facts: unknown,
    context: DecideContext,
  ) => Decision<T, StateRefs, Said>;
}

const noState = {};

/** A handler for one event type. It decides and returns; it never publishes, and catches only what it can mend. */
export function handler<const T extends EventType, R extends StateRefs, Said extends EventType = never>(
  type: T,
  spec: PureSpec<T, R, Said>,
): Handler<T, Said>;
export function handler<const T extends EventType, R extends StateRefs, F, Said extends EventType = never>(
  type: T,
  spec: ReadingSpec<T, R, F, Said>,
): Handler<T, Said>;
export function handler<T extends EventType, R extends StateRefs, F, Said extends EventType>(
  type: T,
  spec: PureSpec<T, R, Said> | ReadingSpec<T, R, F, Said>,
): Handler<T, Said> {
  const common = {
    type,
    replay: spec.replay ?? (spec.state === undefined ? "handle" : "skip"),
    state: (event: EventOf<T>) => spec.state?.(event) ?? noState,
  } as const;
  // Each spec is run with the state that its own `state` named: the one place where their types are forgotten.
  if (isReading(spec)) {
    return {
      ...common,
      reads: true,
      read: (event, state, context) => spec.read(event, state as StateOf<R>, context),
      decide: (event, state, facts, context) => spec.decide(event, state as StateOf<R>, facts as F, context),
    };
  }
  return {
    ...common,
    reads: false,
    read: () => Promise.resolve(undefined),
    decide: (event, state, _facts, context) => spec.decide(event, state as StateOf<R>, context),
  };
}

function isReading<T extends EventType, R extends StateRefs, F, Said extends EventType>(
  spec: PureSpec<T, R, Said> | ReadingSpec<T, R, F, Said>,
): spec is ReadingSpec<T, R, F, Said> {
  return spec.read !== undefined;
}

/** A service's handlers: one for each event type that the topology says it hears, each saying only what the service may say. */
export type HandlersOf<S extends Service> = { readonly [K in HeardBy<S>]: Handler<K, SaidBy<S>> };

/** Checks a service's handlers against the topology: a missing one, or one too many, does not compile. */
export function handlersOf<const S extends Service>(_service: S, handlers: HandlersOf<S>): HandlersOf<S> {
  return handlers;
}
