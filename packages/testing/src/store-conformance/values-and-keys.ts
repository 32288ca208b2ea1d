import * as fc from "fast-check";
import type { CommitUnit, Store } from "@contextpilot/messaging";
import { keep, put, set, valuesOf } from "./documents.ts";

export function valuesAndKeys(store: () => Store): void {
  describe("values and keys", () => {
    test("any JSON value comes back as it was", () =>
      fc.assert(
        fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
          expect(JSON.stringify((await put(store(), "value", value)).value)).toBe(JSON.stringify(value));
        }),
        { numRuns: 50 },
      ));

    test.each([
      ["null", null],
      ["false", false],
      ["an empty text", ""],
      ["an empty list", []],
      ["an empty object", {}],
      ["large and small numbers", [Number.MAX_SAFE_INTEGER, 5e-324, 1.7976931348623157e308, 0.1]],
      ["text of every plane", 'é 漢 🧭 \u0000 \u2028 \ud800 "\\'],
      ["a field with the name of a prototype", JSON.parse('{"__proto__":{"a":1},"constructor":2}') as unknown],
      ["deep nesting", JSON.parse("[".repeat(500) + "]".repeat(500)) as unknown],
      ["200 KiB", "x".repeat(200 * 1_024)],
      ["the longest JSON there may be", "é".repeat(499_999)],
    ])("%s comes back as it was", async (_, value) => {
      expect(JSON.stringify((await put(store(), "value", value)).value)).toBe(JSON.stringify(value));
    });

    test("keys may hold any Unicode text, and are told apart by every character", async () => {
      const keys = [
        "a",
        "A",
        "a ",
        " a",
        "ä",
        "a\u0308",
        "a\u0000b",
        "a\u0000",
        "a/b",
        "a%2Fb",
        "..",
        "__a__",
        "'; --",
        "%",
        "_",
        "漢🧭",
        "a\nb",
      ];
      await store().commit({ documents: keys.map((key) => set(key, undefined, key)) });
      expect((await store().read(keys)).map(({ value }) => value)).toEqual(keys);
    });

    test("a key may be 1,500 bytes long", async () => {
      const key = "k".repeat(1_500);
      await put(store(), key, 1);
      expect((await store().read([key, key.slice(1)])).map(({ value }) => value)).toEqual([1, undefined]);
    });

    test.each<[string, CommitUnit]>([
      ["an empty key", { documents: [set("a", undefined, 1), set("", undefined, 1)] }],
      ["a key of 1,501 bytes", { documents: [set("a", undefined, 1), set("é".repeat(750) + "k", undefined, 1)] }],
      ["a key that is half a character", { documents: [set("a", undefined, 1), set("\ud800", undefined, 1)] }],
      ["a key that stands twice", { documents: [set("a", undefined, 1), keep("a", undefined)] }],
      ["a key that is created and set", { create: { key: "a", value: 1 }, documents: [set("a", undefined, 1)] }],
      [
        "a value whose JSON is a byte too long",
        { create: { key: "a", value: "é".repeat(499_999) + "x" }, documents: [] },
      ],
      ["a value without JSON", { create: { key: "a", value: undefined }, documents: [] }],
      ["a time that is none", { documents: [{ ...set("a", undefined, 1), expiresAt: "tomorrow" }] }],
    ])("%s is refused with a TypeError, and nothing is written", async (_, unit) => {
      await expect(store().commit(unit)).rejects.toThrow(TypeError);
      expect(await valuesOf(store(), ["a"])).toEqual([undefined]);
    });
  });
}
