import { MemoryStore, type Clock } from "@contextpilot/messaging";
import { storeConformance } from "./store-conformance.ts";

storeConformance("MemoryStore", async () => ({ store: new MemoryStore(), close: async () => {} }), {
  durable: "its documents go with its process",
});

test("a memory store forgets what expired as it grows", async () => {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const clock: Clock = { now: () => new Date(now) };
  const store = new MemoryStore({ clock });
  const expiresAt = "2026-01-02T00:00:00Z";
  await store.commit({ create: { key: "old", value: 1, expiresAt }, documents: [] });
  await store.commit({ create: { key: "for good", value: 2 }, documents: [] });
  now = Date.parse("2026-01-03T00:00:00Z");
  for (let index = 0; index < 2_000; index += 1) {
    await store.commit({ create: { key: `new${index}`, value: 3 }, documents: [] });
  }
  expect((await store.read(["old", "for good", "new0"])).map(({ value }) => value)).toEqual([undefined, 2, 3]);
});
