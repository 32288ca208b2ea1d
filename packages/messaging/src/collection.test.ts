import * as fc from "fast-check";
import * as z from "zod";
import { collection } from "./collection.ts";
import { encodeUnit } from "./encode-unit.ts";
import { storeKey } from "./inbox.ts";

const paces = collection("paces", z.object({ count: z.number().default(0) }));
const keyOf = (...parts: [string, ...string[]]): string => paces.of(...parts).key;

test.each<[[string, ...string[]], string]>([
  [["4f1c"], "paces/4f1c"],
  [["shop", "refs/heads/main"], "paces/shop/refs%2Fheads%2Fmain"],
  [["a b", "é%", "..", ""], "paces/a%20b/%C3%A9%25/../"],
  [["\u0000"], "paces/%00"],
])("the parts %j make the key %s", (parts, key) => {
  expect(keyOf(...parts)).toBe(key);
});

test.each<[[string, ...string[]], [string, ...string[]]]>([
  [["a/b"], ["a", "b"]],
  [["a%2Fb"], ["a/b"]],
  [["a", ""], ["a"]],
  [
    ["", "a"],
    ["a", ""],
  ],
  [["é"], ["e\u0301"]],
  [["\ud800"], ["\udfff"]],
  [["\ud800"], ["\ufffd"]],
  [["\ud800"], ["\\ud800"]],
  [["x".repeat(300)], ["x".repeat(301)]],
  [
    ["x".repeat(300), "y"],
    ["x".repeat(300), "z"],
  ],
])("%j and %j are two documents", (some, others) => {
  expect(keyOf(...some)).not.toBe(keyOf(...others));
  expect(keyOf(...some)).toBe(keyOf(...some));
});

test("parts stand as they are up to 256 bytes, and by a hash that no part can look like past them", () => {
  expect(keyOf("x".repeat(250))).toBe(`paces/${"x".repeat(250)}`);
  const hashed = keyOf("x".repeat(251));
  expect(hashed).toMatch(/^paces\/=[\w-]{43}$/);
  expect(keyOf(hashed.slice("paces/".length))).not.toBe(hashed);
  expect(keyOf("\ud800")).toMatch(/^paces\/=[\w-]{43}$/);
});

const parts = fc.array(
  fc.string({ unit: fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 60 }),
  {
    minLength: 1,
    maxLength: 4,
  },
);
const nonEmpty = (values: readonly string[]): [string, ...string[]] => [values[0] ?? "", ...values.slice(1)];

test("other parts make another key, whatever they hold", () => {
  fc.assert(
    fc.property(parts, parts, (some, others) => {
      fc.pre(JSON.stringify(some) !== JSON.stringify(others));
      expect(keyOf(...nonEmpty(some))).not.toBe(keyOf(...nonEmpty(others)));
    }),
  );
});

test("every key is one that a store takes, behind the longest tenant there may be", () => {
  fc.assert(
    fc.property(parts, (some) => {
      const key = storeKey("語".repeat(128), "rewards-engine", keyOf(...nonEmpty(some)));
      const change = { kind: "set", value: {} } as const;
      expect(() => encodeUnit({ documents: [{ key, expected: undefined, change }] })).not.toThrow();
    }),
  );
});

test("where nothing was written yet there is the initial value, and what is stored is checked", () => {
  const pace = paces.of("x");
  expect(pace.parse(undefined)).toEqual({ count: 0 });
  expect(pace.parse({ count: 7 })).toEqual({ count: 7 });
  expect(() => pace.parse({ count: "7" })).toThrow(z.ZodError);
});

test("a kind of document whose fields have no defaults is a mistake of its author", () => {
  expect(() => collection("bad", z.object({ count: z.number() }))).toThrow(z.ZodError);
});
