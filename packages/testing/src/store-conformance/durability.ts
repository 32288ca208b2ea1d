import { AlreadyHandled, type Store } from "@contextpilot/messaging";
import { put, remove, set } from "./documents.ts";

export function durability(store: () => Store, reopen: () => Promise<void>): void {
  test("what resolved is there after opening again, with its versions and refusals", async () => {
    const gone = await put(store(), "gone", 1);
    const unit = {
      create: { key: "record", value: 1 },
      documents: [set("a", undefined, { b: 2 }), remove("gone", gone.version)],
    };
    await store().commit(unit);
    const before = await store().read(["record", "a", "gone"]);

    await reopen();
    expect(await store().read(["record", "a", "gone"])).toEqual(before);
    await expect(store().commit(unit)).rejects.toBeInstanceOf(AlreadyHandled);
    expect((await put(store(), "a", 3)).value).toBe(3);
  });

  test("a document that comes again after opening again is not the one that was read", async () => {
    const first = await put(store(), "a", 1);
    await store().commit({ documents: [remove("a", first.version)] });
    await reopen();
    expect((await put(store(), "a", 1)).version).not.toBe(first.version);
  });
}
