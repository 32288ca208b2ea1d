import type { DocumentTimes, Store } from "@contextpilot/messaging";
import { get, put, remove } from "./documents.ts";

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const dueAt = async (store: Store, minute: number, limit = 100): Promise<readonly unknown[]> =>
  (await store.due(new Date(at(minute)), limit)).map(({ key, value }) => [key, value]);

async function write(store: Store, key: string, value: unknown, times: DocumentTimes): Promise<void> {
  const { version } = await get(store, key);
  await store.commit({ documents: [{ key, expected: version, change: { kind: "set", value }, ...times }] });
}

export function times(store: () => Store): void {
  describe("times", () => {
    test("a document is listed from the moment it is due, the longest due first, no more than asked for", async () => {
      await write(store(), "later", 3, { dueAt: at(30) });
      await write(store(), "first", 1, { dueAt: at(10) });
      await store().commit({ create: { key: "second", value: 2, dueAt: at(20) }, documents: [] });
      await put(store(), "never", 4);
      expect(await dueAt(store(), 9)).toEqual([]);
      expect(await dueAt(store(), 10)).toEqual([["first", 1]]);
      expect(await dueAt(store(), 29)).toEqual([
        ["first", 1],
        ["second", 2],
      ]);
      expect(await dueAt(store(), 60, 2)).toEqual([
        ["first", 1],
        ["second", 2],
      ]);
    });

    test("what is listed has the version that a commit expects", async () => {
      await write(store(), "a", 1, { dueAt: at(10) });
      const [due] = await store().due(new Date(at(10)), 1);
      expect(due).toEqual(await get(store(), "a"));
    });

    test("a write without a time takes it away, another time moves it, and a deleted document is not due", async () => {
      for (const key of ["done", "moved", "deleted"]) await write(store(), key, 1, { dueAt: at(10) });
      await put(store(), "done", 2);
      await write(store(), "moved", 2, { dueAt: at(20) });
      const { version } = await get(store(), "deleted");
      await store().commit({ documents: [remove("deleted", version)] });
      expect(await dueAt(store(), 15)).toEqual([]);
      expect(await dueAt(store(), 20)).toEqual([["moved", 2]]);
    });

    test("a time that is none is refused, and nothing is written", async () => {
      await expect(write(store(), "a", 1, { dueAt: "tomorrow" })).rejects.toThrow(TypeError);
      expect((await get(store(), "a")).version).toBeUndefined();
    });
  });
}
