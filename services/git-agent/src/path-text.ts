const C_ESCAPES: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/**
 * A path's bytes as text, one text for one path. UTF-8 stands as it is; a path that is not UTF-8, or that begins with a
 * double quote itself, is quoted the way git prints it: `"caf\351.txt"`. So a text that begins with `"` is always a
 * quoted one, and the bytes can be had back.
 */
export function pathText(bytes: Buffer): string {
  const text = utf8(bytes);
  return text === undefined || text.startsWith('"') ? quoted(bytes) : text;
}

/**
 * A ref's bytes as text, one text for one ref: UTF-8 stands as it is, what is not is quoted as git quotes a path. In no ref is a
 * backslash, so none that stands as it is looks like a quoted one.
 */
export const refText = (bytes: Buffer): string => utf8(bytes) ?? quoted(bytes);

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function quoted(bytes: Buffer): string {
  return `"${Array.from(bytes, escaped).join("")}"`;
}

function escaped(byte: number): string {
  const octal = byte < 0x20 || byte >= 0x7f;
  return C_ESCAPES[byte] ?? (octal ? `\\${byte.toString(8).padStart(3, "0")}` : String.fromCharCode(byte));
}
