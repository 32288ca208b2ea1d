import * as fc from "fast-check";
import { MessageError } from "./error.ts";
import { MAX_JSON_DEPTH, parseStrictJson } from "./strict-json.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): unknown => parseStrictJson(bytesOf(text));

type Read = { readonly value: unknown } | { readonly refusal: MessageError };

function read(bytes: Uint8Array): Read {
  try {
    return { value: parseStrictJson(bytes) };
  } catch (error) {
    if (error instanceof MessageError) return { refusal: error };
    throw error;
  }
}

function refusalOf(bytes: Uint8Array): MessageError {
  const result = read(bytes);
  if ("refusal" in result) return result.refusal;
  throw new Error(`was taken: ${JSON.stringify(result.value)}`);
}

test.each([
  ["a bare value", ` "text"\n`],
  ["the empty key once", `{"":{"":1}}`],
  ["the same key in two objects", `[{"a":1},{"a":{"a":2}}]`],
  ["colons, braces and quotes in keys and values", String.raw`{"a:b":"{\"a\":1,\"a\":2}","\":":"[[","\\":"\\\":"}`],
  ["a string that ends in backslashes", String.raw`{"a":"\\\\","b":"\\"}`],
  ["a key that differs by case, accent or composition", `{"a":1,"A":2,"é":3,"e\u0301":4}`],
  ["keys that mean something to JavaScript", `{"__proto__":{"a":1},"constructor":{"__proto__":2},"toString":3}`],
  ["numbers that could be keys", `{"1":1,"01":2,"1.0":3,"-1":4}`],
  ["NUL as an escape", `{"\\u0000":"\\u0000"}`],
])("%s is read as JSON.parse reads it", (_what, text) => {
  expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)));
});

test("__proto__ is a key like any other and changes no prototype", () => {
  const value = parse(`{"__proto__":{"admin":true}}`) as object;
  expect(Object.keys(value)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test("what was read cannot be changed, however deep", () => {
  const value = parse(`{"list":[{"a":[]}],"object":{"b":1}}`) as { list: { a: number[] }[]; object: { b: number } };
  expect(() => value.list[0]?.a.push(1)).toThrow(TypeError);
  expect(() => Object.assign(value.list[0] ?? {}, { a: [] })).toThrow(TypeError);
  expect(() => Object.assign(value.object, { b: 2 })).toThrow(TypeError);
  expect(() => Object.assign(value, { c: 3 })).toThrow(TypeError);
});

test("an escaped lone surrogate is JSON: it is read as one, and written back as it came", () => {
  const text = String.raw`{"a":"\ud800","\udfff":1}`;
  expect(JSON.stringify(parse(text))).toBe(text);
});

test.each(["1e400", "-1e400", `1${"0".repeat(309)}`, "1.8e308", `{"a":[0,{"b":1E+309}]}`])(
  "%s is refused: it would become null on its way on",
  (text) => {
    expect(refusalOf(bytesOf(text))).toMatchObject({
      code: "invalid-json",
      message: "has a number that no double holds",
    });
  },
);

test.each(["9007199254740993", "-9007199254740993", "12345678901234567890", `{"a":1e300,"b":["1",9007199254740993]}`])(
  "%s is refused: it would be another number on its way on",
  (text) => {
    expect(JSON.stringify(JSON.parse(text))).not.toBe(text);
    expect(refusalOf(bytesOf(text)).message).toBe(
      "has a whole number that a double would change: it belongs into a string",
    );
  },
);

test.each([
  ["the largest double", "1.7976931348623157e308"],
  ["a whole number past 2^53 that is a double", "9007199254740992"],
  ["a double as JSON.stringify writes it", String(2 ** 60)],
  ["the same double as other languages write it", String(BigInt(2 ** 60))],
  ["digits in a string", `{"9007199254740993":"9007199254740993","\\"":1e300}`],
  ["a fraction with more digits than a double has", "9007199254740993.5"],
  ["what is too small for a double", "1e-400"],
])("%s is read: %s", (_what, text) => {
  expect(parse(text)).toEqual(JSON.parse(text));
});

test.each([
  ["at the top", `{"a":1,"a":1}`],
  ["with an escape for a letter", String.raw`{"a":1,"\u0061":2}`],
  ["with two spellings of a quote", String.raw`{"\"":1,"\u0022":2}`],
  ["deep in lists and objects", `[{"x":[{"b":1,"c":{},"b":2}]}]`],
  ["with another between them", `{"a":1,"b":2,"a":3}`],
  ["named __proto__", `{"__proto__":1,"__proto__":2}`],
  ["named nothing", `{"":1,"":2}`],
  ["that hides a whole object", `{"a":{"b":1,"c":2},"a":{"b":1}}`],
])("a key that stands twice %s is refused", (_where, text) => {
  expect(() => JSON.parse(text) as unknown).not.toThrow();
  expect(refusalOf(bytesOf(text))).toMatchObject({
    code: "invalid-json",
    message: "has an object with the same key twice",
  });
});

test.each<[string, Uint8Array]>([
  ["nothing", bytesOf("")],
  ["blanks", bytesOf(" \n")],
  ["a byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
  ["a NUL in a string", bytesOf('{"a":"\u0000"}')],
  ["a NUL after the value", bytesOf("{}\u0000")],
  ["single quotes", bytesOf("{'a':1}")],
  ["a comma too many", bytesOf('{"a":1,}')],
  ["a comment", bytesOf('{"a":1}//')],
  ["a second value", bytesOf("{}{}")],
  ["a string that does not end", bytesOf('{"a":"b')],
  ["a string that ends in an escape", bytesOf('"\\')],
  ["more closed than opened", bytesOf("]]]][[[[")],
  ["NaN", bytesOf("NaN")],
])("%s is not JSON", (_what, bytes) => {
  expect(refusalOf(bytes)).toMatchObject({ code: "invalid-json", message: expect.stringMatching(/^is not JSON: /) });
});

test.each<[string, readonly number[]]>([
  ["a byte that never stands in UTF-8", [0x22, 0xff, 0x22]],
  ["a sequence that is cut off", [0x22, 0xc3, 0x22]],
  ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22]],
  ["a surrogate's bytes", [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ["UTF-16", [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
])("%s is not UTF-8", (_what, bytes) => {
  expect(refusalOf(Uint8Array.from(bytes)).message).toBe("is not valid UTF-8");
});

const lists = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;

describe("nesting", () => {
  test.each([lists, objects])("of 64 levels is read, of 65 refused", (nested) => {
    expect(parse(nested(MAX_JSON_DEPTH))).toEqual(JSON.parse(nested(64)));
    expect(refusalOf(bytesOf(nested(65))).message).toBe("is nested more than 64 levels deep");
  });

  test("counts what is open, not what was opened, and no brackets in strings", () => {
    expect(parse(`[${"[],".repeat(1000)}[]]`)).toHaveLength(1001);
    expect(parse(`["${"[{".repeat(1000)}"]`)).toHaveLength(1);
  });

  test("of a million levels is refused before anything recurses", () => {
    expect(refusalOf(bytesOf(lists(1_000_000))).message).toContain("nested");
  });
});

test.each([
  ["one string of backslashes", `"${"\\\\".repeat(4_000_000)}"`],
  ["a string of quotes", `"${'\\"'.repeat(4_000_000)}"`],
  ["whole numbers past 2^53", `[${"100000000000000000000,".repeat(350_000)}1]`],
  ["one number", `[1e300,1.${"0".repeat(8_000_000)}]`],
  ["a list of small objects", `[${'{"a":1,"b":"c:d"},'.repeat(400_000)}{}]`],
  ["a string that does not end", `"${"\\\\".repeat(4_000_000)}\\"`],
])("8 MB of %s take no more than linear time", (_what, text) => {
  const start = performance.now();
  read(bytesOf(text));
  // Measured: under 0.2 s; a quadratic scan takes hours.
  expect(performance.now() - start).toBeLessThan(5_000);
});

describe("for any text", () => {
  test("any bytes are read, or refused with a MessageError", () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json({ stringUnit: "binary" }).map(bytesOf));
    const damage = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 4 }) });
    fc.assert(
      fc.property(bytes, damage, (whole, { at, remove, insert }) => {
        const place = at % (whole.length + 1);
        const damaged = Buffer.concat([whole.subarray(0, place), insert, whole.subarray(place + remove)]);
        const result = read(damaged);
        const { code, value } =
          "refusal" in result ? { code: result.refusal.code, value: null } : { code: null, ...result };
        expect([null, "invalid-json"]).toContain(code);
        expect(parse(JSON.stringify(value))).toEqual(value);
      }),
      { numRuns: 3000 },
    );
  });

  test("what JSON.stringify writes is read as JSON.parse reads it", () => {
    const values = fc.json({ stringUnit: "binary" });
    fc.assert(fc.property(values, (text) => expect(parse(text)).toEqual(JSON.parse(text))));
  });

  test("what is near to JSON is taken only where JSON.parse takes it, with the same value", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"',
      "\\",
      '"a"',
      '"b"',
      "1",
      "true",
      "null",
      " ",
      "\\u0061",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (chosen) => {
        const text = chosen.join("");
        const result = read(bytesOf(text));
        fc.pre("value" in result);
        expect(result).toEqual({ value: JSON.parse(text) });
      }),
      { numRuns: 2000 },
    );
  });

  test("a member said twice is found wherever it stands", () => {
    const members = fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme" }), fc.jsonValue()), {
      minLength: 1,
      maxLength: 6,
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(members, fc.nat(), fc.nat(), (entries, which, where) => {
        const texts = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
        expect(() => parse(`[{${texts.join(",")}}]`)).not.toThrow();
        const again = texts.toSpliced(where % (texts.length + 1), 0, texts[which % texts.length] ?? "");
        expect(refusalOf(bytesOf(`[{${again.join(",")}}]`)).message).toContain("twice");
      }),
    );
  });
});
