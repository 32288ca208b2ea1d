import { hash } from "node:crypto";
import type * as z from "zod";

/** Names one document of a service's state; its schema gives the type, and the value where there is no document yet. */
export interface DocumentRef<T> {
  /** Within the service and the tenant: `paces/4f1c…`; 256 bytes at most. */
  readonly key: string;
  /** Reads what the store holds; undefined gives the initial value. Throws a ZodError where it is not of the schema. */
  parse(stored: unknown): T;
  /** When a document with this value must be looked at again; undefined: never. */
  dueAt(value: T): string | undefined;
  /** Made by {@link glanceAt}. */
  readonly glanced?: true;
}

/** Documents of one kind. */
export interface Collection<T> {
  readonly name: string;
  /** The document that these parts name; the same parts, the same document. Parts may hold any text. */
  of(...parts: readonly [string, ...string[]]): DocumentRef<T>;
  /** The document under a key that one of its refs gave. */
  at(key: string): DocumentRef<T>;
}

export interface CollectionOptions<T> {
  /** When a document must be looked at again (UTC, ISO 8601), by its value: {@link onTick} wakes it then. Default: never. */
  readonly dueAt?: (value: T) => string | undefined;
}

/** With tenant and service before it, a key fits into the 1,500 bytes that a store takes. */
const MAX_KEY_BYTES = 256;

/**
 * A kind of document. The schema must read `{}` as the initial value (every field has a default), because that is what a
 * handler sees where nothing was written yet.
 */
export function collection<S extends z.ZodType>(
  name: string,
  schema: S,
  { dueAt = () => undefined }: CollectionOptions<z.output<S>> = {},
): Collection<z.output<S>> {
  const initial = schema.parse({});
  const at = (key: string): DocumentRef<z.output<S>> => ({
    key,
    parse: (stored) => (stored === undefined ? initial : schema.parse(stored)),
    dueAt,
  });
  return { name, at, of: (...parts) => at(keyOf(name, parts)) };
}

/** Readable where it can be; parts that are too long, or no valid Unicode, stand by their hash, behind a `=` that no part begins with. */
function keyOf(name: string, parts: readonly string[]): string {
  if (parts.every((part) => part.isWellFormed())) {
    const key = [name, ...parts.map(encodeURIComponent)].join("/");
    if (key.length <= MAX_KEY_BYTES) return key;
  }
  return `${name}/=${hash("sha256", JSON.stringify(parts), "base64url")}`;
}

/**
 * The document as it is when it is read, whatever becomes of it: the decision takes effect also where it changes meanwhile, and may
 * not write it (a TypeError). For who looks at many documents of others' for long, and decides nothing that what they become would make wrong. What is read
 * without it is still as it was read when the decision takes effect.
 */
export const glanceAt = <T>(ref: DocumentRef<T>): DocumentRef<T> => ({ ...ref, glanced: true });
