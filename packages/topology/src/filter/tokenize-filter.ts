import { FilterError } from "./filter-error.ts";

export interface Token {
  readonly kind: "word" | "string" | "symbol";
  /** As it stands in the filter. */
  readonly text: string;
  /** A string's value without quotes and escapes; the text itself otherwise. */
  readonly value: string;
  readonly position: number;
}

const TOKEN = /\s+|(?<word>[A-Za-z_][A-Za-z0-9_-]*)|(?<string>"(?:[^"\\]|\\.)*")|(?<symbol>!=|[=:.,()-])/y;

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const position = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new FilterError(`has an unexpected ${text[position]}`, text, position);
    const { word, string, symbol } = match.groups ?? {};
    if (word !== undefined) tokens.push({ kind: "word", text: word, value: word, position });
    else if (string !== undefined)
      tokens.push({ kind: "string", text: string, value: unquote(string, text, position), position });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol, value: symbol, position });
  }
  return tokens;
}

function unquote(string: string, filter: string, position: number): string {
  try {
    return JSON.parse(string) as string;
  } catch {
    throw new FilterError(`has a string with an unknown escape: ${string}`, filter, position);
  }
}
