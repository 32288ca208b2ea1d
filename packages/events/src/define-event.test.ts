import * as z from "zod";
import { defineEvent } from "./define-event.ts";

const parcelSent = defineEvent("parcel.sent.v2", (object) =>
  object({
    weight_grams: z.int().min(0),
    address: object({ street: z.string(), notes: z.array(object({ text: z.string() })).default([]) }),
  }),
);
const address = { street: "Main Street", notes: [] };

test("a definition knows its type, family and version", () => {
  expect({ ...parcelSent }).toMatchObject({ type: "parcel.sent.v2", family: "parcel.sent", version: 2 });
});

test("a definition without a version, or of one word, is a mistake of its author", () => {
  expect(() => defineEvent("parcel.sent", (object) => object({}))).toThrow(/parcel\.sent is not an event type/);
  expect(() => defineEvent("parcel.v1", (object) => object({}))).toThrow(TypeError);
});

test("a draft says its type, its data and what it was told beside them", () => {
  const metadata = { by: "post" };
  expect(parcelSent({ weight_grams: 5, address }, { key: ["p1"], user_id: "u1", priority: "high", metadata })).toEqual({
    event_type: "parcel.sent.v2",
    data: { weight_grams: 5, address },
    key: ["p1"],
    user_id: "u1",
    priority: "high",
    metadata,
  });
});

// What the types forbid may still come out of a cast or plain JavaScript.
const unchecked = parcelSent as unknown as (data: unknown) => unknown;

test.each([
  ["a wrong value", { weight_grams: -1, address }, "parcel.sent.v2 data.weight_grams: "],
  ["a missing field", { weight_grams: 5, address: { notes: [] } }, "parcel.sent.v2 data.address.street: "],
  ["an unknown key", { weight_grams: 5, address, colour: "red" }, 'Unrecognized key: "colour"'],
  [
    "an unknown key in an object",
    { weight_grams: 5, address: { ...address, zip: "1" } },
    'data.address: Unrecognized key: "zip"',
  ],
  [
    "an unknown key in a list",
    { weight_grams: 5, address: { ...address, notes: [{ text: "t", by: "me" }] } },
    'data.address.notes.0: Unrecognized key: "by"',
  ],
])("the writer refuses %s and names its place", (_what, data, problem) => {
  expect(() => unchecked(data)).toThrow(TypeError);
  expect(() => unchecked(data)).toThrow(problem);
});

test("data that names all fields and no other is read without a copy, and frozen as it is", () => {
  const data = { weight_grams: 5, address: { street: "s", notes: [{ text: "t" }] } };
  const read = parcelSent.read(data);
  expect(read.ok && read.value).toBe(data);
  expect(() => data.address.notes.push({ text: "u" })).toThrow(TypeError);
});

test("the reader keeps unknown keys at every depth, and fills in defaults", () => {
  const data = { weight_grams: 5, colour: "red", address: { street: "s", zip: "1", notes: [{ text: "t", by: "me" }] } };
  expect(parcelSent.read(data)).toEqual({ ok: true, value: data });
  expect(parcelSent.read({ weight_grams: 5, address: { street: "s" } })).toEqual({
    ok: true,
    value: { weight_grams: 5, address: { street: "s", notes: [] } },
  });
});

test.each([
  [{ weight_grams: "5", address }, "weight_grams"],
  [{ weight_grams: 5, address: { street: "s", notes: [{ text: "t" }, { text: 7 }] } }, "address.notes.1.text"],
  [[], ""],
])("the reader refuses %j at %p", (data, path) => {
  expect(parcelSent.read(data)).toMatchObject({ ok: false, path });
});

test("the schema of what is read is the same text, in whatever order its fields are written", () => {
  const one = defineEvent("parcel.sent.v1", (object) => object({ a: z.string(), b: z.int() }));
  const other = defineEvent("parcel.sent.v1", (object) => object({ b: z.int(), a: z.string() }));
  expect(JSON.stringify(one.jsonSchema())).toBe(JSON.stringify(other.jsonSchema()));
  expect(parcelSent.jsonSchema()).toMatchObject({
    title: "parcel.sent.v2",
    required: ["address", "weight_grams"],
    properties: { address: { required: ["street"], properties: { notes: { default: [] } } } },
    additionalProperties: {},
  });
});

test("the data of a draft, and what was read, cannot be changed", () => {
  const draft = parcelSent({ weight_grams: 5, address: { street: "s", notes: [{ text: "t" }] } });
  const read = parcelSent.read(draft.data);
  const data = [draft.data, read.ok ? read.value : undefined];
  for (const each of data) {
    expect(() => Object.assign(each ?? {}, { weight_grams: 6 })).toThrow(TypeError);
    expect(() => Object.assign(each?.address.notes[0] ?? {}, { text: "u" })).toThrow(TypeError);
  }
});
