import * as z from "zod";
import type { Attributes } from "./attributes.ts";
import { firstProblem, type Envelope, type Priority, type Read } from "./envelope.ts";
import { parseEventType, type FamilyOf } from "./event-type.ts";
import { deepFreeze } from "./freeze.ts";
import { wholeFor } from "./whole.ts";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.ts";

/** Which event caused another, and where that stood in its chain. */
export type Cause = Pick<Envelope, "event_id" | "correlation_id" | "hops">;

/** What a draft may say beside its data. */
export interface DraftOptions {
  /**
   * The event's natural key: the same key names the same event, whoever says it and how often (a commit: repository, ref,
   * hash). Without one the id follows from the event that caused it.
   */
  readonly key?: readonly string[];
  readonly user_id?: string;
  readonly priority?: Priority;
  readonly ttl_seconds?: number;
  readonly max_retries?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What it follows from, where that is not the event being handled: something waited, and its turn has come. */
  readonly cause?: Cause;
  /** The publisher's own attributes for the message, for others' filters. They may not take the name of one of the house's. */
  readonly attributes?: Attributes;
}

/** An event that somebody wants to say: checked data, not yet an id, a time or a chain. Made by calling its definition. */
export interface Draft<T extends string = string, D = unknown> extends DraftOptions {
  readonly event_type: T;
  readonly data: D;
}

/** An event type, ready to be called: `gitPush({ repository, ... })` is a draft whose data was checked. */
export interface EventDefinition<T extends string, D> {
  /** Checks the data (unknown keys are refused) and freezes it. Throws a TypeError that names the field. */
  (data: D, options?: DraftOptions): Draft<T, D>;
  readonly type: T;
  readonly family: FamilyOf<T>;
  readonly version: number;
  /**
   * Reads data from the wire: defaults are filled in, unknown keys are kept. What it gives is frozen; where it names all that the
   * schema knows and nothing else, it is the data itself.
   */
  readonly read: (data: unknown) => Read<D>;
  /** What `read` takes, but for what JSON Schema cannot say (a refinement): draft 2020-12, made anew at each call. */
  readonly jsonSchema: () => JsonSchema;
}

/** Builds the object schemas of an event: strict for the writer, loose for the reader. */
export type ObjectSchema = typeof z.strictObject;

/**
 * Defines one version of one event family. The shape is written once, with the `object` it is given: it becomes strict where
 * the house writes and loose where it reads, so that a reader never breaks on a field that it does not know yet.
 */
export function defineEvent<const T extends string, S extends z.ZodType>(
  type: T,
  shape: (object: ObjectSchema) => S,
): EventDefinition<T, z.output<S>> {
  const parsed = parseEventType(type);
  if (parsed === undefined) throw new TypeError(`${type} is not an event type: two or more words and a version`);
  // Made when they are first asked for: a process starts sooner, and says or hears few of the types that it knows.
  let writer: S | undefined;
  let reader: S | undefined;
  let isWhole: ((data: unknown) => data is z.output<S>) | undefined;
  const looseReader = (): S => (reader ??= shape(z.looseObject));

  const draft = (data: z.output<S>, options: DraftOptions = {}): Draft<T, z.output<S>> => {
    writer ??= shape(z.strictObject);
    const checked = writer.safeParse(data);
    if (!checked.success) {
      const { path, problem } = firstProblem(checked.error);
      throw new TypeError(`${type} data.${path}: ${problem}`);
    }
    return { ...options, event_type: type, data: deepFreeze(checked.data) };
  };
  const read = (data: unknown): Read<z.output<S>> => {
    isWhole ??= wholeFor(looseReader());
    // An envelope's data is frozen through and through already.
    if (isWhole(data)) return { ok: true, value: Object.isFrozen(data) ? data : deepFreeze(data) };
    const checked = looseReader().safeParse(data);
    return checked.success ? { ok: true, value: deepFreeze(checked.data) } : firstProblem(checked.error);
  };
  const { version } = parsed;
  const family = parsed.family as FamilyOf<T>;
  return Object.assign(draft, { type, family, version, read, jsonSchema: () => jsonSchemaOf(type, looseReader()) });
}

/** An event as the cause of another. */
export function causeOf({ event_id, correlation_id, hops }: Cause): Cause {
  return { event_id, correlation_id, hops };
}
