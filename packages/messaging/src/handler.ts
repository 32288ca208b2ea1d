import {
  definitionOf,
  type DataOf,
  type Draft,
  type Envelope,
  type EventDefinition,
  type EventType,
  type Read,
} from "@contextpilot/events";
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

/** The data of an event type by its name alone: known for the house's own. */
export type DataNamed<T extends string> = T extends EventType ? DataOf<T> : unknown;
/** Of an event type's definition, what its handler needs: the name, and how its data is read. */
export type Heard<T extends string, D> = Pick<EventDefinition<T, D>, "type" | "read">;

/** What a handler decides: what to say, and what to remember. All of it takes effect at once, or none. */
export interface Decision<T extends string, R extends StateRefs, Said extends string> {
  readonly events: readonly Draft<Said, unknown>[];
  /** The documents to write; one that is left out stays as it was read. */
  readonly state?: { readonly [K in keyof R]?: StateOf<R>[K] };
  /** The rest of the work, as a further event of the same type with a cursor in its data and a natural key. Keeps the hops. */
  readonly continuation?: Draft<T, unknown>;
  /** In a few words, why it says nothing or what it set aside: for the log, and for who wonders. */
  readonly note?: string;
}

interface HandlerBase<T extends string, R extends StateRefs, D> {
  /** The documents to read; their keys follow from the event alone. */
  state?(event: Envelope<T, D>): R;
  /** Whether a replayed event is handled. Default: `skip` with state or `act`, else `handle`. */
  readonly replay?: "skip" | "handle";
}

/** A handler that needs no facts from outside. */
export interface PureSpec<T extends string, R extends StateRefs, Said extends string, D> extends HandlerBase<T, R, D> {
  readonly read?: never;
  readonly act?: never;
  /** Pure: the same arguments, the same decision. May run more than once. */
  decide(event: Envelope<T, D>, state: StateOf<R>, context: DecideContext): Decision<T, R, Said>;
}

/** A handler that reads facts from outside before it decides. */
export interface ReadingSpec<T extends string, R extends StateRefs, F, Said extends string, D> extends HandlerBase<
  T,
  R,
  D
> {
  readonly act?: never;
  /** Repeatable and without effects; may run more than once. */
  read(event: Envelope<T, D>, state: StateOf<R>, context: ReadContext): Promise<F>;
  /** Pure: the same arguments, the same decision. May run more than once. */
  decide(event: Envelope<T, D>, state: StateOf<R>, facts: F, context: DecideContext): Decision<T, R, Said>;
}

/** A handler that touches the world: git, an LLM. */
export interface ActingSpec<T extends string, R extends StateRefs, Said extends string, D> extends HandlerBase<
  T,
  R,
  D
> {
  readonly read?: never;
  readonly decide?: never;
  /** What it works on: of the handlings that name the same, one runs at a time, in all processes. Default: this event. */
  claim?(event: Envelope<T, D>): string;
  /**
   * Runs alone under its claim, which is not exactly once: it runs again where it failed, or where its process ended before the
   * commit. Its effect needs a natural key of its own (the same commit hash, the same pull request). The signal also aborts
   * when the claim is lost.
   */
  act(event: Envelope<T, D>, state: StateOf<R>, context: ReadContext): Promise<Decision<T, R, Said>>;
}

type Values = Readonly<Record<string, unknown>>;
/** Runs work that may wait for the world, with a signal and a time limit. */
export type Limited = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * A handler as receive() runs it: made by {@link handler}, {@link onTick} or `upcast`. It is only ever given events of its own
 * type, their data as its own `readData` gave it; so handlers of different types may stand in one list.
 */
export interface Handler<T extends string = string, Said extends string = string, D = DataNamed<T>> {
  readonly type: T;
  readonly replay: "skip" | "handle";
  /** Looks outside before it decides: a duplicate is looked for first. */
  readonly looksOutside: boolean;
  /** Reads an event's data from the wire, by the schema of its type. */
  readData(data: unknown): Read<D>;
  /** What it works on alone; absent where it only decides. */
  claim?(this: void, event: Envelope<T, D>): string;
  state(event: Envelope<T, D>): StateRefs;
  run(
    event: Envelope<T, D>,
    state: Values,
    context: DecideContext,
    limited: Limited,
  ): Decision<string, StateRefs, Said> | Promise<Decision<string, StateRefs, Said>>;
  /** What it decides for each document that is due, instead of all the above. */
  readonly wake?: Waking<Said>;
}

/** What to say when a document is due, and its next value. */
export interface Awakening<T, Said extends string> {
  /** In the chain of their `cause`, or of the tick where they name none. */
  readonly events: readonly Draft<Said, unknown>[];
  /** Its dueAt must lie ahead, or be gone: what stays due is looked at again at the next tick. */
  readonly value: T;
}

/** How a tick wakes the documents of a collection: made by onTick. */
export interface Waking<Said extends string> {
  /** The collection whose documents are woken. */
  readonly collection: string;
  readonly ref: (key: string) => DocumentRef<unknown>;
  readonly decide: (value: unknown, context: Pick<DecideContext, "now">) => Awakening<unknown, Said>;
}

const noState = {};

/**
 * A handler for one event type: one of the house's by its name, any other by its definition. It decides and returns; it never
 * publishes, and catches only what it can mend. Throws a TypeError for a name that the house does not know.
 */
export function handler<const T extends string, R extends StateRefs, Said extends string = never, D = DataNamed<T>>(
  heard: (T & EventType) | Heard<T, D>,
  spec: PureSpec<T, R, Said, D>,
): Handler<T, Said, D>;
export function handler<const T extends string, R extends StateRefs, F, Said extends string = never, D = DataNamed<T>>(
  heard: (T & EventType) | Heard<T, D>,
  spec: ReadingSpec<T, R, F, Said, D>,
): Handler<T, Said, D>;
export function handler<const T extends string, R extends StateRefs, Said extends string = never, D = DataNamed<T>>(
  heard: (T & EventType) | Heard<T, D>,
  spec: ActingSpec<T, R, Said, D>,
): Handler<T, Said, D>;
export function handler<T extends string, R extends StateRefs, F, Said extends string, D>(
  heard: (T & EventType) | Heard<T, D>,
  spec: PureSpec<T, R, Said, D> | ReadingSpec<T, R, F, Said, D> | ActingSpec<T, R, Said, D>,
): Handler<T, Said, D> {
  const { type, read } = heardOf(heard);
  const common = {
    type,
    replay: spec.replay ?? (spec.state === undefined && spec.act === undefined ? "handle" : "skip"),
    looksOutside: spec.read !== undefined || spec.act !== undefined,
    readData: read,
    state: (event: Envelope<T, D>) => spec.state?.(event) ?? noState,
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

/** An event type by its name or definition; the catalogue has the definitions of the names. */
export function heardOf<T extends string, D>(heard: (T & EventType) | Heard<T, D>): Heard<T, D> {
  if (typeof heard !== "string") return heard;
  const definition = definitionOf(heard);
  if (definition === undefined) throw new TypeError(`the house does not know ${heard}: name its definition instead`);
  return definition as unknown as Heard<T, D>;
}

/** A service's handlers: one for each event type that the topology says it hears, each saying only what the service may say. */
export type HandlersOf<S extends Service> = { readonly [K in HeardBy<S>]: Handler<K, SaidBy<S>> };

/** Checks a service's handlers against the topology: a missing one, or one too many, does not compile. */
export function handlersOf<const S extends Service>(_service: S, handlers: HandlersOf<S>): HandlersOf<S> {
  return handlers;
}
