import * as fc from "fast-check";
import { compileFilter } from "./compile-filter.ts";
import { passes } from "./evaluate-filter.ts";
import { FilterError } from "./filter-error.ts";
import { MAX_FILTER_BYTES, parseFilter, type Filter } from "./parse-filter.ts";

/** A failure names its seed and path: give them to fc.assert to see it again. */
const RUNS = { numRuns: 3_000 };

/** Undefined where it is refused, which is always in our words, and soon. */
function read(text: string): Filter | undefined {
  const started = process.cpuUsage();
  try {
    return parseFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return undefined;
    throw error;
  } finally {
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
  }
}

/** Every filter in Pub/Sub's language, printed with all parentheses it could need. */
function print(filter: Filter): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.terms.map((term) => `(${print(term)})`).join(filter.kind === "and" ? " AND " : " OR ");
    case "not":
      return `NOT (${print(filter.term)})`;
    case "has":
      return `attributes:${JSON.stringify(filter.key)}`;
    case "equals":
      return `attributes.${JSON.stringify(filter.key)} = ${JSON.stringify(filter.value)}`;
    case "differs":
      return `attributes.${JSON.stringify(filter.key)} != ${JSON.stringify(filter.value)}`;
    case "prefix":
      return `hasPrefix(attributes.${JSON.stringify(filter.key)}, ${JSON.stringify(filter.value)})`;
  }
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("event_type", "__proto__", "AND", "NOT", ")", '"', "\\", "\ud800"),
);
const { filter: anyFilter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ kind: fc.constant("has" as const), key: text }),
    fc.record({ kind: fc.constantFrom("equals", "differs", "prefix"), key: text, value: text }),
    fc.record({ kind: fc.constant("not" as const), term: tie("filter") }),
    fc.record({
      kind: fc.constantFrom("and", "or"),
      terms: fc.array(tie("filter"), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));
const attributes = fc.dictionary(text, text, { maxKeys: 4 });

test("any filter, printed, is parsed as what it was", () => {
  let parsed = 0;
  fc.assert(
    fc.property(anyFilter, attributes, (filter, given) => {
      const printed = print(filter);
      fc.pre(Buffer.byteLength(printed) <= MAX_FILTER_BYTES);
      const again = parseFilter(printed);
      expect(again).toEqual(filter);
      expect(passes(again, given)).toBe(passes(filter, given));
      parsed += 1;
    }),
    RUNS,
  );
  expect(parsed).toBeGreaterThan(1_000);
});

const words = ["attributes", ".", ":", "event_type", "=", "!=", '"a"', "hasPrefix", "(", ")", ",", "AND", "OR", "NOT"];
const anyTokens = fc.array(fc.oneof(fc.constantFrom(...words, "-", "\n"), text), { maxLength: 60 });

test("any tokens and any text are a filter that can be evaluated, or a FilterError", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyTokens.map((all) => all.join(" ")),
        fc.string({ unit: "binary" }),
      ),
      attributes,
      (some, given) => {
        hold(some, given);
      },
    ),
    RUNS,
  );
});

test("a filter of the house whose letters were changed is a filter, or a FilterError", () => {
  const seen = new Set<boolean>();
  const real = fc.constantFrom(
    compileFilter(["git.push"]),
    compileFilter(["context.update", "git.commit"]),
    'NOT attributes:trace AND (attributes.priority != "low" OR -hasPrefix(attributes.source, "git"))',
  );
  const change = fc.record({ at: fc.nat(), remove: fc.nat(4), insert: fc.oneof(fc.constantFrom(...words), text) });
  fc.assert(
    fc.property(real, fc.array(change, { maxLength: 3 }), attributes, (whole, changes, given) => {
      const changed = changes.reduce((filter, { at, remove, insert }) => {
        const place = at % (filter.length + 1);
        return filter.slice(0, place) + insert + filter.slice(place + remove);
      }, whole);
      seen.add(hold(changed, given));
    }),
    RUNS,
  );
  // Else all were right or all were wrong, and little was tried.
  expect(seen.size).toBe(2);
});

test.each([
  ["nested", "(".repeat(127)],
  ["denied", "-".repeat(200)],
  ["a string without its end", `attributes:"${"\\\\".repeat(120)}`],
])("the longest filter that is %s is refused at once", (_what, filter) => {
  expect(read(filter)).toBeUndefined();
});

/** Whether it is a filter; where it is, it can be asked, and printed it is the same. */
function hold(filter: string, given: Readonly<Record<string, string>>): boolean {
  const parsed = read(filter);
  if (parsed === undefined) return false;
  expect(typeof passes(parsed, given)).toBe("boolean");
  const printed = print(parsed);
  const fits = Buffer.byteLength(printed) <= MAX_FILTER_BYTES;
  expect(fits ? parseFilter(printed) : parsed).toEqual(parsed);
  return true;
}
