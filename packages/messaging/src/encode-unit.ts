import type { CommitUnit, DocumentTimes } from "./ports/store.ts";

/** A commit unit as a store writes it: values as JSON text, times in milliseconds since 1970. */
export interface EncodedUnit {
  readonly create: EncodedDocument | undefined;
  readonly documents: readonly EncodedChange[];
}

export interface EncodedDocument {
  readonly key: string;
  readonly json: string;
  /** Undefined: never. */
  readonly expiresAt: number | undefined;
  /** Undefined: never. */
  readonly dueAt: number | undefined;
}

export type EncodedChange =
  | (EncodedDocument & { readonly kind: "set"; readonly expected: string | undefined })
  | { readonly kind: "delete" | "keep"; readonly key: string; readonly expected: string | undefined };

/** Firestore: a document's name has 1,500 bytes at most. */
const MAX_KEY_BYTES = 1_500;
/** Firestore: a document has 1 MiB at most; what is left of it is for the name, the key and the times. */
const MAX_DOCUMENT_BYTES = 1_000_000;

/**
 * The unit, checked against what the Store port asks of its callers, before anything is written. Throws a TypeError that names
 * the key where one is empty, longer than 1,500 bytes, no valid Unicode or there twice, where a value has no JSON or more
 * than 1,000,000 bytes of it, or where a time cannot be read.
 */
export function encodeUnit(unit: CommitUnit): EncodedUnit {
  const keys = new Set<string>();
  const once = (key: string): string => {
    checkKey(key);
    if (keys.has(key)) throw new TypeError(`${key} stands twice in one commit`);
    keys.add(key);
    return key;
  };
  return {
    create: unit.create && encodeDocument(once(unit.create.key), unit.create.value, unit.create),
    documents: unit.documents.map(({ key, expected, change, ...times }) =>
      change.kind === "set"
        ? { kind: "set", expected, ...encodeDocument(once(key), change.value, times) }
        : { kind: change.kind, key: once(key), expected },
    ),
  };
}

function encodeDocument(key: string, value: unknown, times: DocumentTimes): EncodedDocument {
  // The types say string; it is undefined for undefined, a function or a symbol.
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`${key}: the value has no JSON`);
  checkSize(key, json);
  return { key, json, expiresAt: millisecondsOf(key, times.expiresAt), dueAt: millisecondsOf(key, times.dueAt) };
}

function checkSize(key: string, json: string): void {
  if (json.length <= MAX_DOCUMENT_BYTES / MOST_BYTES_OF_A_UNIT) return;
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_DOCUMENT_BYTES) return;
  throw new TypeError(`${key}: its JSON has ${bytes} bytes, a document at most ${MAX_DOCUMENT_BYTES}`);
}

/** A UTF-16 unit takes at most this many bytes of UTF-8: most texts need not be measured. */
const MOST_BYTES_OF_A_UNIT = 3;

function millisecondsOf(key: string, time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  if (time === lastRead.text) return lastRead.at;
  const at = Date.parse(time);
  if (Number.isNaN(at)) throw new TypeError(`${key}: ${time} is no time`);
  lastRead = { text: time, at };
  return at;
}

/** What is written within one millisecond expires at one time. */
let lastRead = { text: "", at: Number.NaN };

function checkKey(key: string): void {
  const problem =
    key === ""
      ? "is empty"
      : Buffer.byteLength(key) > MAX_KEY_BYTES
        ? `is longer than ${MAX_KEY_BYTES} bytes`
        : key.isWellFormed()
          ? undefined
          : "is no valid Unicode";
  if (problem !== undefined) throw new TypeError(`a document's key ${problem}: ${JSON.stringify(key.slice(0, 100))}`);
}
