import {
  AlreadyHandled,
  Conflict,
  type DocumentChange,
  type Store,
  type StoredDocument,
} from "@contextpilot/messaging";
import { keep, put, remove, set, valuesOf } from "./documents.ts";

export function refusals(store: () => Store): void {
  describe("refusals", () => {
    test("of 20 that create the same document at once, one wins", async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          store().commit({ create: { key: "record", value: index }, documents: [] }),
        ),
      );
      const refusals = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
      expect(refusals).toHaveLength(19);
      for (const refusal of refusals) expect(refusal).toEqual(new AlreadyHandled("record"));
      expect(await valuesOf(store(), ["record"])).toEqual([results.findIndex(({ status }) => status === "fulfilled")]);
    });

    test("a document created before is AlreadyHandled, and names its key", async () => {
      await store().commit({ create: { key: "record", value: 1 }, documents: [] });
      await expect(store().commit({ create: { key: "record", value: 2 }, documents: [] })).rejects.toMatchObject({
        name: "AlreadyHandled",
        key: "record",
      });
      expect(await valuesOf(store(), ["record"])).toEqual([1]);
    });

    test("AlreadyHandled goes before Conflict", async () => {
      await store().commit({ create: { key: "record", value: 1 }, documents: [] });
      const unit = { create: { key: "record", value: 2 }, documents: [keep("a", "no such version")] };
      await expect(store().commit(unit)).rejects.toBeInstanceOf(AlreadyHandled);
    });

    describe.each<[string, (current: StoredDocument, stale: StoredDocument) => [string, string | undefined]]>([
      ["changed since", (_, stale) => ["a", stale.version]],
      ["should not be there", () => ["a", undefined]],
      ["is gone", (current) => ["absent", current.version]],
    ])("of a document that %s", (_, conditionOf) => {
      test.each<[string, (key: string, expected: string | undefined) => DocumentChange]>([
        ["set", (key, expected) => set(key, expected, "lost")],
        ["keep", keep],
        ["delete", remove],
      ])("a %s is a Conflict that names it, and nothing of its unit is written", async (_, change) => {
        const stale = await put(store(), "a", 1);
        const current = await put(store(), "a", 2);
        const b = await put(store(), "b", 3);
        const [key, expected] = conditionOf(current, stale);
        const others = [set("b", b.version, 4), set("c", undefined, 5)];
        for (const documents of [
          [change(key, expected), ...others],
          [...others, change(key, expected)],
        ]) {
          await expect(store().commit({ create: { key: "record", value: 1 }, documents })).rejects.toMatchObject({
            name: "Conflict",
            key,
          });
        }
        expect(await valuesOf(store(), ["record", "a", "b", "c", "absent"])).toEqual([
          undefined,
          2,
          3,
          undefined,
          undefined,
        ]);
      });
    });

    test("a document that went and came again is not the one that was read", async () => {
      const first = await put(store(), "a", 1);
      await store().commit({ documents: [remove("a", first.version)] });
      const second = await put(store(), "a", 1);
      expect(second.version).not.toBe(first.version);
      await expect(store().commit({ documents: [set("a", first.version, 2)] })).rejects.toBeInstanceOf(Conflict);
    });

    test("a refused unit leaves the others that came with it alone", async () => {
      await put(store(), "a", 1);
      const units = Array.from({ length: 10 }, (_, index) => ({
        create: { key: `record${index}`, value: index },
        documents: index === 4 ? [set("a", undefined, 2)] : [set(`d${index}`, undefined, index)],
      }));
      const results = await Promise.allSettled(units.map((unit) => store().commit(unit)));
      expect(results.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([4]);
      const created = await valuesOf(
        store(),
        units.map(({ create }) => create.key),
      );
      expect(created).toEqual([0, 1, 2, 3, undefined, 5, 6, 7, 8, 9]);
    });
  });
}
