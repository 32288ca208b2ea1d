import * as fc from "fast-check";
import { FilterError } from "./filter-error.ts";
import { MAX_FILTER_BYTES, parseFilter, type Filter } from "./parse-filter.ts";

const has = (key: string): Filter => ({ kind: "has", key });
const equals = (key: string, value: string): Filter => ({ kind: "equals", key, value });
const not = (term: Filter): Filter => ({ kind: "not", term });
const and = (...terms: readonly Filter[]): Filter => ({ kind: "and", terms });
const or = (...terms: readonly Filter[]): Filter => ({ kind: "or", terms });

test.each<[string, Filter]>([
  [`attributes:a`, has("a")],
  [`attributes.a = "1"`, equals("a", "1")],
  [`attributes.a="1"`, equals("a", "1")],
  [` \n\tattributes . a\r\n=\n"1" `, equals("a", "1")],
  [`attributes.a != "1"`, { kind: "differs", key: "a", value: "1" }],
  [`hasPrefix(attributes.a, "1")`, { kind: "prefix", key: "a", value: "1" }],
  [`hasPrefix ( attributes . a,"" )`, { kind: "prefix", key: "a", value: "" }],
  [`attributes."a key" = "1"`, equals("a key", "1")],
  [`attributes:"iana.org/lang"`, has("iana.org/lang")],
  [`attributes."a\\"b\\\\c" = "\\u00e9 \\"quoted\\" \\n"`, equals('a"b\\c', 'é "quoted" \n')],
  [`attributes.a = "ünïcödé 🙂"`, equals("a", "ünïcödé 🙂")],
  [`attributes.a = "AND (attributes:b) OR"`, equals("a", "AND (attributes:b) OR")],
  [`attributes.AND = "1"`, equals("AND", "1")],
  [`attributes:NOT`, has("NOT")],
  [`attributes:hasPrefix`, has("hasPrefix")],
  [`attributes:attributes`, has("attributes")],
  [`attributes.x-y_2 = "1"`, equals("x-y_2", "1")],
  [`NOT attributes:a`, not(has("a"))],
  [`-attributes:a`, not(has("a"))],
  [`NOT -NOT attributes:a`, not(not(not(has("a"))))],
  [`NOT(attributes:a)`, not(has("a"))],
  [`((attributes:a))`, has("a")],
  [`attributes:a AND attributes:b AND attributes:c`, and(has("a"), has("b"), has("c"))],
  [`attributes:a OR attributes:b OR attributes:c`, or(has("a"), has("b"), has("c"))],
  [`NOT attributes:a AND attributes:b`, and(not(has("a")), has("b"))],
  [`attributes:a AND (attributes:b OR attributes:c)`, and(has("a"), or(has("b"), has("c")))],
  [`-(attributes:a OR attributes:b) AND attributes:c`, and(not(or(has("a"), has("b"))), has("c"))],
])("%s", (text, filter) => {
  expect(parseFilter(text)).toEqual(filter);
});

test.each<[string, number, string]>([
  [``, 0, "expected attributes, found the end"],
  [`   `, 3, "expected attributes, found the end"],
  [`event_type = "git.push"`, 0, "expected attributes, found event_type"],
  [`attribute.a = "1"`, 0, "expected attributes"],
  [`"attributes".a = "1"`, 0, "expected attributes"],
  [`attributes`, 10, "expected ., found the end"],
  [`attributes.`, 11, "expected an attribute's key"],
  [`attributes:`, 11, "expected an attribute's key"],
  [`attributes.a`, 12, "expected = or != after attributes.a"],
  [`attributes.a "1"`, 13, "expected = or !="],
  [`attributes.a == "1"`, 14, "expected a value in double quotes"],
  [`attributes.a = 1`, 15, "unexpected 1"],
  [`attributes.a = one`, 15, "expected a value in double quotes"],
  [`attributes.a = '1'`, 15, "unexpected '"],
  [`attributes.a = "1`, 15, 'unexpected "'],
  [`attributes.a = "\\q"`, 15, "unknown escape"],
  [`attributes.a = "\n"`, 15, "unknown escape"],
  [`attributes.a < "1"`, 13, "unexpected <"],
  [`attributes.a.b = "1"`, 12, "expected = or != after attributes.a"],
  [`attributes:a attributes:b`, 13, "expected AND, OR or the end, found attributes"],
  [`attributes:a and attributes:b`, 13, "expected AND, OR or the end, found and"],
  [`attributes:a AND`, 16, "expected attributes, found the end"],
  [`OR attributes:a`, 0, "expected attributes, found OR"],
  [`attributes:a AND attributes:b OR attributes:c`, 30, "AND and OR side by side need parentheses"],
  [`attributes:a OR attributes:b AND attributes:c`, 29, "AND and OR side by side need parentheses"],
  [`(attributes:a`, 13, "expected ), found the end"],
  [`attributes:a)`, 12, "expected AND, OR or the end, found )"],
  [`()`, 1, "expected attributes, found )"],
  [`NOT`, 3, "expected attributes, found the end"],
  [`hasPrefix(attributes.a)`, 22, "expected ,, found )"],
  [`hasPrefix(attributes:a, "1")`, 20, "expected ., found :"],
  [`hasPrefix(a, "1")`, 10, "expected attributes, found a"],
  [`hasPrefix("attributes".a, "1")`, 10, "expected attributes"],
  [`hasSuffix(attributes.a, "1")`, 0, "expected attributes, found hasSuffix"],
  [`hasPrefix(attributes.a, "1"`, 27, "expected ), found the end"],
])("%s is refused at character %i", (text, position, problem) => {
  const refusal = refusalOf(text);
  expect(refusal.position).toBe(position);
  expect(refusal.message).toContain(problem);
});

function refusalOf(text: string): FilterError {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`was taken: ${text}`);
}

const filled = (value: string): string => `attributes.a = "${value}"`;

test("a filter of 256 bytes is taken, one of 257 is not, and bytes are not characters", () => {
  const frame = Buffer.byteLength(filled(""));
  expect(parseFilter(filled("x".repeat(MAX_FILTER_BYTES - frame)))).toMatchObject({ kind: "equals" });
  expect(refusalOf(filled("x".repeat(MAX_FILTER_BYTES - frame + 1))).message).toContain("is 257 bytes long");
  expect(refusalOf(filled("é".repeat(130))).message).toContain(`is ${frame + 260} bytes long`);
});

test("parentheses and negations as deep as 256 bytes allow are taken", () => {
  expect(parseFilter(`${"(".repeat(122)}attributes:a${")".repeat(122)}`)).toEqual(has("a"));
  expect(parseFilter(`${"-".repeat(244)}attributes:a`)).toMatchObject({ kind: "not" });
});

test("what is printed of any filter is parsed as that filter", () => {
  const word = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,5}$/);
  const text = fc.string({ unit: "grapheme", maxLength: 5 });
  const filters = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.record({ kind: fc.constant("has" as const), key: fc.oneof(word, text) }),
      fc.record({
        kind: fc.constantFrom("equals" as const, "differs" as const, "prefix" as const),
        key: fc.oneof(word, text),
        value: text,
      }),
      fc.record({ kind: fc.constant("not" as const), term: tie("filter") }),
      fc.record({
        kind: fc.constantFrom("and" as const, "or" as const),
        terms: fc.array(tie("filter"), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).filter;
  const fitting = filters.filter((filter) => Buffer.byteLength(printed(filter)) <= MAX_FILTER_BYTES);
  fc.assert(fc.property(fitting, (filter) => expect(parseFilter(printed(filter))).toEqual(filter)));
});

function printed(filter: Filter): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.terms.map((term) => `(${printed(term)})`).join(filter.kind === "and" ? " AND " : " OR ");
    case "not":
      return `NOT (${printed(filter.term)})`;
    case "has":
      return `attributes:${printedKey(filter.key)}`;
    case "equals":
      return `attributes.${printedKey(filter.key)} = ${JSON.stringify(filter.value)}`;
    case "differs":
      return `attributes.${printedKey(filter.key)} != ${JSON.stringify(filter.value)}`;
    case "prefix":
      return `hasPrefix(attributes.${printedKey(filter.key)}, ${JSON.stringify(filter.value)})`;
  }
}

const printedKey = (key: string): string => (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : JSON.stringify(key));
