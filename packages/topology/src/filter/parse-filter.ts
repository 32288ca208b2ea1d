import { tokenize, type Token } from "./tokenize-filter.ts";
import { FilterError } from "./filter-error.ts";

/** A subscription's filter, parsed. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly terms: readonly Filter[] }
  | { readonly kind: "not"; readonly term: Filter }
  | { readonly kind: "has"; readonly key: string }
  | { readonly kind: "equals" | "differs" | "prefix"; readonly key: string; readonly value: string };

/** Pub/Sub: a filter is at most 256 bytes long. */
export const MAX_FILTER_BYTES = 256;

/**
 * Parses Pub/Sub's filter language: `attributes:KEY`, `attributes.KEY = "V"`, `!=`, `hasPrefix(attributes.KEY, "P")`,
 * NOT or `-`, AND, OR and parentheses; AND beside OR needs parentheses. Throws a {@link FilterError} with the position.
 */
export function parseFilter(text: string): Filter {
  if (Buffer.byteLength(text) > MAX_FILTER_BYTES) {
    throw new FilterError(
      `is ${Buffer.byteLength(text)} bytes long; Pub/Sub takes at most ${MAX_FILTER_BYTES}`,
      text,
      MAX_FILTER_BYTES,
    );
  }
  const parser = new FilterParser(text);
  return parser.whole();
}

class FilterParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  whole(): Filter {
    const filter = this.#expression();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw this.#error(`expected AND, OR or the end, found ${rest.text}`);
    return filter;
  }

  #expression(): Filter {
    const first = this.#term();
    const operator = this.#tokens[this.#next]?.text;
    if (operator !== "AND" && operator !== "OR") return first;
    const terms = [first];
    while (this.#accept(operator)) terms.push(this.#term());
    const other = this.#tokens[this.#next]?.text;
    if (other === "AND" || other === "OR") throw this.#error("AND and OR side by side need parentheses");
    return { kind: operator === "AND" ? "and" : "or", terms };
  }

  #term(): Filter {
    if (this.#accept("NOT") || this.#accept("-")) return { kind: "not", term: this.#term() };
    if (this.#accept("(")) {
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Filter {
    if (this.#accept("hasPrefix")) {
      this.#expect("(");
      this.#expect("attributes");
      this.#expect(".");
      const key = this.#key();
      this.#expect(",");
      const value = this.#string();
      this.#expect(")");
      return { kind: "prefix", key, value };
    }
    this.#expect("attributes");
    if (this.#accept(":")) return { kind: "has", key: this.#key() };
    this.#expect(".");
    const key = this.#key();
    if (this.#accept("=")) return { kind: "equals", key, value: this.#string() };
    if (this.#accept("!=")) return { kind: "differs", key, value: this.#string() };
    throw this.#error(`expected = or != after attributes.${key}`);
  }

  #key(): string {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "word" && token?.kind !== "string") throw this.#error("expected an attribute's key");
    this.#next += 1;
    return token.value;
  }

  #string(): string {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "string") throw this.#error('expected a value in double quotes, as "git.push"');
    this.#next += 1;
    return token.value;
  }

  #accept(text: string): boolean {
    // A string's text has its quotes, so that "AND" is never taken for AND.
    if (this.#tokens[this.#next]?.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text))
      throw this.#error(`expected ${text}, found ${this.#tokens[this.#next]?.text ?? "the end"}`);
  }

  #error(problem: string): FilterError {
    return new FilterError(problem, this.#text, this.#tokens[this.#next]?.position ?? this.#text.length);
  }
}
