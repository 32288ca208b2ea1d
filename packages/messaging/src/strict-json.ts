import { MessageError } from "./error.ts";

/** Deeper values are refused: far more than any event needs, far less than a stack holds. */
export const MAX_JSON_DEPTH = 64;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses bytes as JSON the strict way: valid UTF-8 without a byte order mark, no object with the same key twice, at most
 * {@link MAX_JSON_DEPTH} levels, no number past a double's range and no whole number that would change on its way through a double.
 * What two parsers could read in two ways is refused. Fractions are rounded as ever. What it gives is frozen through and through.
 * Throws a permanent MessageError.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const members = countMembers(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw MessageError.permanent("invalid-json", `is not JSON: ${(cause as Error).message}`, {}, { cause });
  }
  const found = { keys: 0, largest: 0 };
  survey(value, found);
  // A key that stood twice is one member in the value and two in the text.
  if (found.keys !== members) throw MessageError.permanent("invalid-json", "has an object with the same key twice");
  if (found.largest > Number.MAX_SAFE_INTEGER) refuseChangedNumbers(text, found.largest);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw MessageError.permanent("invalid-json", "is not valid UTF-8", {}, { cause });
  }
}

/** The colons outside of strings: one for each member of an object. Refuses what is nested too deeply, before anything recurses. */
function countMembers(text: string): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        break;
      case 0x3a: // :
        members += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > MAX_JSON_DEPTH) {
          throw MessageError.permanent("invalid-json", `is nested more than ${MAX_JSON_DEPTH} levels deep`);
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      default:
    }
  }
  return members;
}

/** The place of the quote that ends the string which begins at `start`; the text's end where none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
}

/** Counts the keys of all objects, finds the largest number's distance from 0, and freezes: all in one walk. */
function survey(value: unknown, found: { keys: number; largest: number }): void {
  if (typeof value === "number") {
    const size = Math.abs(value);
    if (size > found.largest) found.largest = size;
  } else if (typeof value === "object" && value !== null) {
    const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (!Array.isArray(value)) found.keys += inner.length;
    for (const item of inner) survey(item, found);
    Object.freeze(value);
  }
}

/** What JSON.parse makes of 1e400 is written as null, and 9007199254740993 as its neighbour: such an event is not the one that was sent. */
function refuseChangedNumbers(text: string, largest: number): void {
  if (largest === Infinity) throw MessageError.permanent("invalid-json", "has a number that no double holds");
  for (const number of numbersIn(text)) {
    if (isChanged(number)) {
      const problem = "has a whole number that a double would change: it belongs into a string";
      throw MessageError.permanent("invalid-json", problem);
    }
  }
}

/** The numbers of a JSON text, as they stand there. */
function* numbersIn(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) === 0x22) {
      at = endOfString(text, at);
    } else if (isDigit(text.charCodeAt(at))) {
      const start = at;
      while (at < text.length && /[\d.eE+-]/.test(text.charAt(at))) at += 1;
      yield text.slice(start, at);
    }
  }
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** A whole number that is neither the double's own value nor what JSON.stringify writes for it. A fraction or an exponent says: about. */
function isChanged(number: string): boolean {
  if (!/^\d{16,}$/.test(number)) return false;
  const value = Number(number);
  return String(value) !== number && BigInt(value) !== BigInt(number);
}
