import * as fc from "fast-check";
import * as z from "zod";
import { jsonSchemaOf } from "./json-schema.ts";
import { incompatibilities } from "./schema-compatibility.ts";

type Fields = Record<string, z.ZodType>;
const object = z.looseObject;
const schemaOf = (fields: Fields) => jsonSchemaOf("test", object(fields));
const changed = (before: Fields, after: Fields): readonly string[] =>
  incompatibilities(schemaOf(before), schemaOf(after));

test.each<[string, Fields, Fields]>([
  [
    "nothing",
    { a: z.string().min(1), b: z.array(z.int()).optional() },
    { b: z.array(z.int()).optional(), a: z.string().min(1) },
  ],
  ["a field that may be left out", { a: z.string() }, { a: z.string(), b: z.string().optional() }],
  ["a field with a default", { a: z.string() }, { a: z.string(), b: z.array(z.string()).default([]) }],
  ["such a field further down", { a: z.array(object({})) }, { a: z.array(object({ b: z.string().optional() })) }],
  ["required, now with a default", { a: z.string() }, { a: z.string().default("x") }],
  ["left out, now with a default", { a: z.string().optional() }, { a: z.string().default("x") }],
  ["one more value", { a: z.enum(["x", "y"]) }, { a: z.enum(["z", "y", "x"]) }],
  ["a literal, now one of some", { a: z.literal("x") }, { a: z.enum(["x", "y"]) }],
  ["some values, now any text that holds them", { a: z.enum(["x", "y"]) }, { a: z.string().min(1).max(5) }],
  ["whole numbers, now all", { a: z.int() }, { a: z.number() }],
  ["one more type", { a: z.string() }, { a: z.union([z.string(), z.number()]) }],
  ["null too", { a: z.string().max(3) }, { a: z.string().max(3).nullable() }],
  ["one more shape", { a: object({ x: z.string() }) }, { a: z.union([z.string(), object({ x: z.string() })]) }],
  ["anything", { a: z.string().min(1) }, { a: z.unknown().optional().default("x") }],
  ["wider limits of a text", { a: z.string().min(2).max(3) }, { a: z.string().min(1).max(4) }],
  ["no limits of a text", { a: z.string().min(2).max(3).regex(/x/) }, { a: z.string() }],
  ["wider limits of a number", { a: z.number().gt(0).lt(5) }, { a: z.number().min(0).max(5) }],
  ["wider limits of a list", { a: z.array(z.string()).min(2).max(3) }, { a: z.array(z.string()).max(4) }],
  ["a format no more", { a: z.iso.datetime() }, { a: z.string() }],
  ["a description", { a: z.string() }, { a: z.string().describe("what it is") }],
  ["values of a record", { a: z.record(z.string(), z.int()) }, { a: z.record(z.string(), z.number()) }],
])("nobody breaks: %s", (_what, before, after) => {
  expect(changed(before, after)).toEqual([]);
});

test.each<[string, Fields, Fields, readonly string[]]>([
  [
    "a field that is gone",
    { a: z.string(), b: z.string() },
    { a: z.string() },
    ["data.b: is gone, and readers of it run on"],
  ],
  ["even one that could be left out", { a: z.string().optional() }, {}, ["data.a: is gone, and readers of it run on"]],
  [
    "another name for a field",
    { a: z.string() },
    { b: z.string() },
    [
      "data.a: is gone, and readers of it run on",
      "data.b: is new and required; what was published without it can no longer be read",
    ],
  ],
  [
    "a field that is required now",
    { a: z.string().optional() },
    { a: z.string() },
    ["data.a: is required now; what was published without it can no longer be read"],
  ],
  [
    "a default that is gone",
    { a: z.string().default("x") },
    { a: z.string() },
    ["data.a: is required now; what was published without it can no longer be read"],
  ],
  [
    "a field that was always there",
    { a: z.string() },
    { a: z.string().optional() },
    ["data.a: may be left out now, and readers that require it run on"],
  ],
  [
    "another default",
    { a: z.boolean().default(true) },
    { a: z.boolean().default(false) },
    ["data.a: its default is false now, was true: what was published without it would say something else"],
  ],
  ["a value less", { a: z.enum(["x", "y", "z"]) }, { a: z.enum(["x"]) }, ["data.a: no longer takes y, z"]],
  [
    "a value that is too long now",
    { a: z.enum(["x", "yy"]) },
    { a: z.string().max(1) },
    ["data.a: no longer takes yy"],
  ],
  ["any text before", { a: z.string() }, { a: z.enum(["x", "y"]) }, ["data.a: takes only x, y now"]],
  ["another type", { a: z.string() }, { a: z.number() }, ["data.a: is number now, was string"]],
  ["no null", { a: z.string().nullable() }, { a: z.string() }, ["data.a: is string now, was string, null"]],
  [
    "anything before",
    { a: z.unknown() },
    { a: z.boolean().default(false) },
    ["data.a: takes only boolean now, took anything"],
  ],
  ["a longer text", { a: z.string() }, { a: z.string().min(1) }, ["data.a: takes minLength 1 now, took any minLength"]],
  [
    "a shorter text",
    { a: z.string().max(9) },
    { a: z.string().max(8) },
    ["data.a: takes maxLength 8 now, took maxLength 9"],
  ],
  [
    "a number without its limit",
    { a: z.number().min(0).max(5) },
    { a: z.number().gt(0).lt(5) },
    ["data.a: takes exclusiveMinimum 0 now, took minimum 0", "data.a: takes exclusiveMaximum 5 now, took maximum 5"],
  ],
  [
    "a shorter list",
    { a: z.array(z.string()) },
    { a: z.array(z.string()).max(3) },
    ["data.a: takes maxItems 3 now, took any maxItems"],
  ],
  ["a pattern", { a: z.string() }, { a: z.string().regex(/^x/) }, ["data.a: pattern is ^x now, was none"]],
  [
    "another pattern",
    { a: z.string().regex(/^y/) },
    { a: z.string().regex(/^x/) },
    ["data.a: pattern is ^x now, was ^y"],
  ],
  [
    "another step",
    { a: z.number().multipleOf(2) },
    { a: z.number().multipleOf(4) },
    ["data.a: multipleOf is 4 now, was 2"],
  ],
  [
    "a field in a list's objects",
    { a: z.array(object({ b: object({ c: z.string() }) })) },
    { a: z.array(object({ b: object({}) })) },
    ["data.a[].b.c: is gone, and readers of it run on"],
  ],
  [
    "the values of a record",
    { a: z.record(z.string(), z.number()) },
    { a: z.record(z.string(), z.string()) },
    ["data.a.*: is string now, was number"],
  ],
  ["unknown fields", { a: object({}) }, { a: z.strictObject({}) }, ["data.a.*: not is {} now, was none"]],
  [
    "one of two shapes",
    { a: z.union([object({ x: z.string() }), z.string().max(5)]) },
    { a: z.union([object({ x: z.string() }), z.string().max(4)]) },
    ['data.a: {"maxLength":5,"type":"string"} was one of its alternatives, and none of the present ones takes it'],
  ],
  [
    "what cannot be compared",
    { a: z.tuple([z.string()]).rest(z.string()) },
    { a: z.tuple([z.number()]).rest(z.string()) },
    ['data.a: prefixItems is [{"type":"number"}] now, was [{"type":"string"}]'],
  ],
])("somebody breaks: %s", (_what, before, after, problems) => {
  expect(changed(before, after)).toEqual(problems);
});

// Of two schemas drawn by chance, whatever the first took the second takes where nothing was found to break.

interface Field {
  readonly schema: z.ZodType;
  readonly sample: fc.Arbitrary<unknown>;
}

const limits = fc.tuple(fc.nat(2), fc.nat(3)).map(([least, more]) => ({ least, most: least + more }));
const plain: fc.Arbitrary<Field> = fc.oneof(
  limits.map(({ least, most }) => ({
    schema: z.string().min(least).max(most),
    sample: fc.string({ unit: fc.constantFrom("x", "y"), minLength: least, maxLength: most }),
  })),
  limits.map(({ least, most }) => ({
    schema: z.int().min(least).max(most),
    sample: fc.integer({ min: least, max: most }),
  })),
  limits.map(({ least, most }) => ({
    schema: z
      .number()
      .gt(least)
      .max(most + 1),
    sample: fc.constantFrom(least + 0.5, most + 1),
  })),
  fc.subarray(["x", "y", "xx", "xy"], { minLength: 1 }).map((values) => ({
    schema: z.enum(values),
    sample: fc.constantFrom(...values),
  })),
  fc.constant({ schema: z.boolean(), sample: fc.boolean() }),
);
const field: fc.Arbitrary<Field> = fc.oneof(
  { weight: 4, arbitrary: plain },
  fc.tuple(plain, limits).map(([{ schema, sample }, { least, most }]) => ({
    schema: z.array(schema).min(least).max(most),
    sample: fc.array(sample, { minLength: least, maxLength: most }),
  })),
  plain.map(({ schema, sample }) => ({ schema: schema.nullable(), sample: fc.oneof(sample, fc.constant(null)) })),
  fc.tuple(plain, plain).map(([one, other]) => ({
    schema: z.union([one.schema, other.schema]),
    sample: fc.oneof(one.sample, other.sample),
  })),
  plain.map(({ schema, sample }) => ({ schema: object({ in: schema }), sample: fc.record({ in: sample }) })),
);

test("where nothing breaks, the new reader reads whatever the old one read", () => {
  let compatible = 0;
  fc.assert(
    fc.property(
      field.chain((before) => fc.tuple(fc.constant(before), field, before.sample)),
      ([before, after, value]) => {
        if (changed({ a: before.schema }, { a: after.schema }).length > 0) return;
        compatible += 1;
        expect(after.schema.safeParse(value)).toMatchObject({ success: true });
      },
    ),
    { numRuns: 2000 },
  );
  expect(compatible).toBeGreaterThan(50);
});
