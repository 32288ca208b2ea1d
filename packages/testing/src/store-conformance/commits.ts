import type { Store } from "@contextpilot/messaging";
import { get, keep, put, remove, set, valuesOf } from "./documents.ts";

export function commits(store: () => Store): void {
  describe("a commit", () => {
    test("sets, keeps and deletes together", async () => {
      const a = await put(store(), "a", 1);
      const b = await put(store(), "b", 2);
      const c = await put(store(), "c", 3);
      await store().commit({
        create: { key: "record", value: "made" },
        documents: [set("a", a.version, 10), keep("b", b.version), remove("c", c.version), keep("d", undefined)],
      });
      expect(await valuesOf(store(), ["record", "a", "b", "c", "d"])).toEqual(["made", 10, 2, undefined, undefined]);
    });

    test("of nothing is allowed", () => expect(store().commit({ documents: [] })).resolves.toBeUndefined());

    test("may delete what is not there", async () => {
      await store().commit({ documents: [remove("a", undefined)] });
      expect(await valuesOf(store(), ["a"])).toEqual([undefined]);
    });

    test("gives a document a new version with each write, and leaves that of a kept one usable", async () => {
      const first = await put(store(), "a", 1);
      const second = await put(store(), "a", 1);
      expect(second.version).not.toBe(first.version);
      await store().commit({ documents: [keep("a", second.version)] });
      expect((await get(store(), "a")).value).toBe(1);
    });

    test("keeps a document that expires in a year", async () => {
      const expiresAt = new Date(Date.now() + 365 * 86_400_000).toISOString();
      await store().commit({
        create: { key: "record", value: 1, expiresAt },
        documents: [{ ...set("a", undefined, 2), expiresAt }],
      });
      expect(await valuesOf(store(), ["record", "a"])).toEqual([1, 2]);
    });
  });
}
