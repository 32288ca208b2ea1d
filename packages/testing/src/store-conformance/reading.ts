import type { Store } from "@contextpilot/messaging";
import { get, put, set } from "./documents.ts";

export function reading(store: () => Store): void {
  describe("reading", () => {
    test("an absent document has neither value nor version", async () => {
      expect(await store().read(["a"])).toEqual([{ key: "a", value: undefined, version: undefined }]);
    });

    test("no keys give no documents", async () => {
      expect(await store().read([])).toEqual([]);
    });

    test("documents come in the order of the keys, which may repeat", async () => {
      await put(store(), "a", 1);
      await put(store(), "b", 2);
      const documents = await store().read(["b", "nothing", "a", "b"]);
      expect(documents.map(({ key, value }) => [key, value])).toEqual([
        ["b", 2],
        ["nothing", undefined],
        ["a", 1],
        ["b", 2],
      ]);
    });

    test("a hundred documents come in one call", async () => {
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
      await store().commit({ documents: keys.map((key, index) => set(key, undefined, index)) });
      expect((await store().read(keys)).map(({ value }) => value)).toEqual(keys.map((_, index) => index));
    });

    test("what a reader does to a value, the next reader does not see", async () => {
      await put(store(), "a", { list: [1] });
      const { value } = await get(store(), "a");
      try {
        Object.assign(value as object, { list: "changed" });
      } catch {
        // A frozen value serves as well.
      }
      expect((await get(store(), "a")).value).toEqual({ list: [1] });
    });

    test("what a writer does to a value after the commit, no reader sees", async () => {
      const value = { list: [1] };
      const committed = store().commit({ documents: [set("a", undefined, value)] });
      value.list.push(2);
      await committed;
      value.list.push(3);
      expect((await get(store(), "a")).value).toEqual({ list: [1] });
    });
  });
}
