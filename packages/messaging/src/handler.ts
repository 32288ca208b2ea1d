import type { Draft, EventOf, EventType } from "@contextpilot/events";
import type { HeardBy, SaidBy, Service } from "@contextpilot/topology";
import type { Collection, DocumentRef } from "./collection.ts";

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
  /** Whether a replayed event is handled. Default: `skip` with state or `act`, else `handle`. */
  readonly replay?: "skip" | "handle";
}

/** A handler that needs no facts from outside. */
export interface PureSpec<T extends EventType, R extends StateRefs, Said extends EventType> extends HandlerBase<T, R> {
  readonly read?: never;
  readonly act?: never;
  /** Pure: the same arguments, the same decision. May run more than once. */
  decide(event: EventOf<T>, state: StateOf<R>, context: DecideContext): Decision<T, R, Said>;
}

/** A handler that reads facts from outside before it decides. */
export interface ReadingSpec<T extends EventType, R extends StateRefs, F, Said extends EventType> extends HandlerBase<
  T,
  R
> {
  readonly act?: never;
  /** Repeatable and without effects; may run more than once. */
  read(event: EventOf<T>, state: StateOf<R>, context: ReadContext): Promise<F>;
  /** Pure: the same arguments, the same decision. May run more than once. */
  decide(event: EventOf<T>, state: StateOf<R>, facts: F, context: DecideContext): Decision<T, R, Said>;
}

/** A handler that touches the world: git, an LLM. */
export interface ActingSpec<T extends EventType, R extends StateRefs, Said extends EventType> extends HandlerBase<
  T,
  R
> {
  readonly read?: never;
  readonly decide?: never;
  /** What it works on: of the handlings that name the same, one runs at a time, in all processes. Default: this event. */
  claim?(event: EventOf<T>): string;
  /**
   * Runs alone under its claim, which is not exactly once: it runs again where it failed, or where its process ended before the
   * commit. Its effect needs a natural key of its own (the same commit hash, the same pull request). The signal also aborts
   * when the claim is lost.
   */
  act(event: EventOf<T>, state: StateOf<R>, context: ReadContext): Promise<Decision<T, R, Said>>;
}

type Values = Readonly<Record<string, unknown>>;
/** Runs work that may wait for the world, with a signal and a time limit. */
export type Limited = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** A handler as receive() runs it: made by {@link handler} or {@link onTick}. */
export interface Handler<T extends EventType = EventType, Said extends EventType = EventType> {
  readonly type: T;
  readonly replay: "skip" | "handle";
  /** Looks outside before it decides: a duplicate is looked for first. */
  readonly looksOutside: boolean;
  /** What it works on alone; absent where it only decides. */
  readonly claim?: (event: EventOf<T>) => string;
  readonly state: (event: EventOf<T>) => StateRefs;
  readonly run: (
    event: EventOf<T>,
    state: Values,
    context: DecideContext,
    limited: Limited,
  ) => Decision<T, StateRefs, Said> | Promise<Decision<T, StateRefs, Said>>;
  /** What it decides for each document that is due, instead of all the above. */
  readonly wake?: Waking<Said>;
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
export function handler<const T extends EventType, R extends StateRefs, Said extends EventType = never>(
  type: T,
  spec: ActingSpec<T, R, Said>,
): Handler<T, Said>;
export function handler<T extends EventType, R extends StateRefs, F, Said extends EventType>(
  type: T,
  spec: PureSpec<T, R, Said> | ReadingSpec<T, R, F, Said> | ActingSpec<T, R, Said>,
): Handler<T, Said> {
  const common = {
    type,
    replay: spec.replay ?? (spec.state === undefined && spec.act === undefined ? "handle" : "skip"),
    looksOutside: spec.read !== undefined || spec.act !== undefined,
    state: (event: EventOf<T>) => spec.state?.(event) ?? noState,
  } as const;
  // Each spec is run with the state that its own `state` named: the one place where their types are forgotten.
  if (spec.act !== undefined) {
    return {
      ...common,
      claim: (event) => spec.claim?.(event) ?? `${event.event_type} ${event.event_id}`,
      run: (event, state, context, limited) =>
        limited((signal) => spec.act(event, state as StateOf<R>, { ...context, signal })),
    };
  }
  if (spec.read !== undefined) {
    return {
      ...common,
      run: async (event, state, context, limited) => {
        const facts = await limited((signal) => spec.read(event, state as StateOf<R>, { ...context, signal }));
        return spec.decide(event, state as StateOf<R>, facts, context);
      },
    };
  }
  return { ...common, run: (event, state, context) => spec.decide(event, state as StateOf<R>, context) };
}

/** What to say when a document is due, and its next value. */
export interface Awakening<T, Said extends EventType> {
  /** In the chain of their `cause`, or of the tick where they name none. */
  readonly events: readonly Draft<Said, unknown>[];
  /** Its dueAt must lie ahead, or be gone: what stays due is looked at again at the next tick. */
  readonly value: T;
}

export interface Waking<Said extends EventType> {
  /** The collection whose documents are woken. */
  readonly collection: string;
  readonly ref: (key: string) => DocumentRef<unknown>;
  readonly decide: (value: unknown, context: Pick<DecideContext, "now">) => Awakening<unknown, Said>;
}

/**
 * A handler for the clock's tick: each document of the collection that is due is decided over and committed by itself, so that
 * one that fails holds up no other. `decide` is pure, and may run more than once.
 */
export function onTick<T, Said extends EventType = never>(
  documents: Collection<T>,
  decide: (value: T, context: Pick<DecideContext, "now">) => Awakening<T, Said>,
): Handler<"clock.tick.v1", Said> {
  return {
    type: "clock.tick.v1",
    replay: "skip",
    looksOutside: false,
    state: () => noState,
    run: () => ({ events: [] }),
    wake: {
      collection: documents.name,
      ref: (key) => documents.at(key),
      decide: (value, context) => decide(value as T, context),
    },
  };
}

/** A service's handlers: one for each event type that the topology says it hears, each saying only what the service may say. */
export type HandlersOf<S extends Service> = { readonly [K in HeardBy<S>]: Handler<K, SaidBy<S>> };

/** Checks a service's handlers against the topology: a missing one, or one too many, does not compile. */
export function handlersOf<const S extends Service>(_service: S, handlers: HandlersOf<S>): HandlersOf<S> {
  return handlers;
}
