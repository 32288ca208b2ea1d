import { MessageError } from "./error.ts";

/** Deeper values are refused: far more than any event needs, far less than a stack holds. */
export const MAX_JSON_DEPTH = 64;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses bytes as JSON the strict way: valid UTF-8 without a byte order mark, no object with the same key twice, at most
 * {@link MAX_JSON_DEPTH} levels. What two parsers could read in two ways is refused. Throws a permanent MessageError.
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
  // A key that stood twice is one member in the value and two in the text.
  if (keysIn(value) !== members) throw MessageError.permanent("invalid-json", "has an object with the same key twice");
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

function keysIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + keysIn(item), 0);
  return Object.values(value).reduce<number>((sum, item) => sum + keysIn(item), Object.keys(value).length);
}
