import { AlreadyHandled, Conflict, encodeUnit, type CommitUnit } from "@contextpilot/messaging";
import { explainRefusal } from "./explain-refusal.ts";
import type { Stamp } from "./store-documents.ts";

const create = { key: "record", value: 1 };
const set = (expected?: string) => ({ key: "a", expected, change: { kind: "set", value: 1 } }) as const;
const keep = (expected?: string) => ({ key: "b", expected, change: { kind: "keep" } }) as const;
const remove = (expected?: string) => ({ key: "a", expected, change: { kind: "delete" } }) as const;

/** What a refused commit of the unit comes to, with the documents as given: each its version and its token. */
function explained(unit: CommitUnit, now: Record<string, [string, string]>, { mayHaveLanded = false } = {}): unknown {
  const stampOf = (key: string): Stamp => {
    const [version, token] = now[key] ?? [];
    return { version, token };
  };
  try {
    return explainRefusal({ unit: encodeUnit(unit), token: "ours", mayHaveLanded, stampOf });
  } catch (thrown) {
    return thrown;
  }
}

describe("a refused commit", () => {
  test.each<[string, CommitUnit, Record<string, [string, string]>]>([
    ["created its record", { create, documents: [] }, { record: ["2", "ours"] }],
    [
      "created its record, and its document was changed since",
      { create, documents: [set("1")] },
      { record: ["2", "ours"], a: ["3", "theirs"] },
    ],
    ["wrote its document", { documents: [set("1"), keep("1")] }, { a: ["2", "ours"], b: ["1", "theirs"] }],
  ])("that %s is ours: it was done, and the answer was lost", (_, unit, now) => {
    expect(explained(unit, now, { mayHaveLanded: true })).toBe("ours");
    expect(explained(unit, now)).toBe("ours");
  });

  test("whose record another created is AlreadyHandled, whatever else changed", () => {
    const unit = { create, documents: [set("1")] };
    expect(explained(unit, { record: ["2", "theirs"], a: ["2", "theirs"] })).toEqual(new AlreadyHandled("record"));
  });

  test("whose document is not as expected is a Conflict that names it", () => {
    const unit = { create, documents: [keep("1"), set(undefined)] };
    expect(explained(unit, { b: ["1", "theirs"], a: ["2", "theirs"] })).toEqual(new Conflict("a"));
    expect(explained(unit, {})).toEqual(new Conflict("b"));
  });

  test("whose documents are as expected again is not explained", () => {
    expect(explained({ documents: [set("1"), keep(undefined)] }, { a: ["1", "theirs"] })).toBe("unexplained");
  });

  describe("after an answer was lost", () => {
    const lost = { mayHaveLanded: true };

    test("is a Conflict where its record is not there: nothing was written", () => {
      expect(explained({ create, documents: [set("1")] }, { a: ["2", "theirs"] }, lost)).toEqual(new Conflict("a"));
    });

    test("is a Conflict where it had nothing to write", () => {
      expect(explained({ documents: [keep("1")] }, { b: ["2", "theirs"] }, lost)).toEqual(new Conflict("b"));
    });

    test.each([
      ["wrote", set("1"), { a: ["3", "theirs"] }],
      ["deleted", remove("1"), {}],
    ] as const)("cannot be told where it may have %s what is changed now", (_, change, now) => {
      expect(
        explained({ documents: [change] }, now as unknown as Record<string, [string, string]>, lost),
      ).toMatchObject({ name: "MessageError", code: "store-failed" });
    });
  });
});
