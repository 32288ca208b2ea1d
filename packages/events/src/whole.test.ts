import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { wholeFor } from "./whole.ts";

const everyKind = z.looseObject({
  name: z.string().min(2).max(4),
  word: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  well: z.string().refine((value) => value.isWellFormed()),
  at: z.iso.datetime(),
  count: z.int().min(0).max(9),
  share: z.number().positive().lt(1).default(0.5),
  on: z.boolean().default(false),
  level: z.enum(["low", "high"]).optional(),
  record: z.custom((value) => typeof value === "object" && value !== null),
  list: z
    .array(z.looseObject({ text: z.string(), deep: z.array(z.int()).max(2).optional() }))
    .min(1)
    .max(3),
});
const isWhole = wholeFor(everyKind);
const least = {
  name: "abc",
  well: "any",
  at: "2026-03-02T10:00:00Z",
  count: 3,
  share: 0.25,
  on: true,
  record: { any: [1] },
  list: [{ text: "a" }, { text: "b", deep: [1, 2] }],
};

test.each<Partial<z.output<typeof everyKind>>>([
  {},
  { word: "abc", level: "low" },
  { name: "abcd", count: 0, share: 0.001, list: [{ text: "" }] },
  { count: 9, share: 0.999 },
])("what a schema takes as it is, is whole: %j", (over) => {
  expect(isWhole({ ...least, ...over })).toBe(true);
});

const words = [undefined, "low", "", "a", "abcde", "abc\n", "💥", "\ud800", "2026-03-02"];
const numbers = [0, -1, 10, 1.5, 2 ** 53, Number.NaN, Infinity];
/** Of these zod takes some, refuses some, and makes something else of some: which, follows from the key. */
const others: readonly unknown[] = [
  ...words,
  ...numbers,
  null,
  true,
  new Date(0),
  {},
  [],
  [{ text: 1 }],
  [{ text: "a", more: 1 }],
  [{ text: "a", deep: [1, 2, 3] }],
  [{ text: "a" }, {}],
  [undefined],
  Array(1),
  [[]],
];
const keys = [...Object.keys(least), "word", "level", "text", "unknown", "__proto__", "toString", "constructor"];

test.each(keys)("with anything else as %s it is whole only where it comes out of zod as it went in", (key) => {
  const values = others.map((other) => Object.fromEntries([...Object.entries(least), [key, other]]));
  const changed = values.filter((value) => !isDeepStrictEqual(everyKind.safeParse(value).data, value));
  expect(changed.filter(isWhole)).toEqual([]);
});

test("without any one field that it must have it is not whole", () => {
  for (const key of Object.keys(least)) expect([key, isWhole({ ...least, [key]: undefined })]).toEqual([key, false]);
  for (const key of Object.keys(least)) {
    const { [key as keyof typeof least]: _, ...rest } = least;
    expect([key, isWhole(rest)]).toEqual([key, false]);
  }
});

test.each<[string, z.ZodType, unknown]>([
  ["a union", z.union([z.string(), z.int()]), "a"],
  ["a record", z.record(z.string(), z.int()), { a: 1 }],
  ["a tuple", z.tuple([z.string()]), ["a"]],
  ["null", z.string().nullable(), "a"],
  ["a transformation", z.string().transform((text) => text.trim()), "a"],
  ["a change of the text", z.string().trim(), " a"],
  ["a conversion", z.coerce.string(), "a"],
  ["a format with more than a pattern", z.base64(), "YQ=="],
  ["a pattern that remembers where it was", z.string().regex(/a/g), "a"],
  ["32 bits", z.int32(), 2 ** 31],
  ["a multiple", z.number().multipleOf(2), 3],
  ["a failure that is caught", z.string().catch("b"), 1],
  ["a key that every object has", z.looseObject({ toString: z.custom(() => true) }), { other: 1 }],
])("%s is left to zod", (_what, schema, value) => {
  expect(wholeFor(schema)(value)).toBe(false);
  expect(wholeFor(z.object({ a: schema }))({ a: value })).toBe(false);
  expect(wholeFor(z.array(schema))([value])).toBe(false);
});

test("only plain objects are whole: of a class zod makes a plain one", () => {
  class Named {
    text = "a";
  }
  const schema = z.looseObject({ text: z.string() });
  expect(wholeFor(schema)(new Named())).toBe(false);
  expect(wholeFor(schema)({ text: "a" })).toBe(true);
});
