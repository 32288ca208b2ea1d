import * as fc from "fast-check";
import { Conflict, type Store } from "@contextpilot/messaging";
import type { MissingStoreFeatures } from "../store-conformance.ts";
import { callsOf, clients } from "./clients.ts";
import { get, keep, put, set, valuesOf } from "./documents.ts";
import { isLinearizable } from "./linearizable.ts";
import { steps, StoreModel } from "./store-model.ts";

export function concurrency(store: () => Store, missing: MissingStoreFeatures): void {
  describe("many at once", () => {
    test("of 10 that write the same version, one wins, round after round", async () => {
      for (let round = 0; round < 10; round += 1) {
        const { version } = await get(store(), "a");
        const results = await Promise.allSettled(
          Array.from({ length: 10 }, (_, index) =>
            store().commit({ documents: [set("a", version, `${round}.${index}`)] }),
          ),
        );
        const winners = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
        expect(winners).toHaveLength(1);
        expect(await valuesOf(store(), ["a"])).toEqual([`${round}.${winners[0]}`]);
      }
    });

    test("counters that try again at a Conflict lose nothing", async () => {
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let added = 0; added < 5; added += 1) await addOne(store(), "count");
        }),
      );
      expect(await valuesOf(store(), ["count"])).toEqual([8 * 5]);
    });

    test("two that each write what the other only kept do not both win", async () => {
      const [a, b] = [await put(store(), "a", 1), await put(store(), "b", 1)];
      const results = await Promise.allSettled([
        store().commit({ documents: [set("a", a.version, 0), keep("b", b.version)] }),
        store().commit({ documents: [keep("a", a.version), set("b", b.version, 0)] }),
      ]);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    if (missing.oneMoment === undefined) readsOfOneMoment(store);

    test("whatever three clients read and commit side by side, one order of their calls explains all that they were told", () =>
      fc.assert(
        fc.asyncProperty(clients, fc.uuid(), async (plan, prefix) => {
          const calls = await callsOf(store(), plan, `${prefix}/`, missing.oneMoment === undefined);
          expect(isLinearizable(calls) ? [] : calls).toEqual([]);
        }),
        { numRuns: 100 },
      ));

    test("whatever the order of creates, sets, keeps and deletes, it does what a plain map would", () =>
      fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 30 }), fc.uuid(), async (run, prefix) => {
          const model = new StoreModel(prefix);
          for (const step of run) {
            const { expected, happened } = await model.follow(store(), step);
            expect(happened).toEqual(expected);
          }
        }),
        { numRuns: 30 },
      ));
  });
}

/** Readers beside a writer that changes three documents together. */
function readsOfOneMoment(store: () => Store): void {
  test("a read never sees half of a commit", async () => {
    const keys = ["left", "middle", "right"];
    const writer = async () => {
      for (let round = 0; round < 50; round += 1) {
        const documents = await store().read(keys);
        await store().commit({ documents: documents.map(({ key, version }) => set(key, version, round)) });
      }
    };
    const reader = async () => {
      for (let reads = 0; reads < 100; reads += 1) expect(new Set(await valuesOf(store(), keys)).size).toBe(1);
    };
    await Promise.all([writer(), reader(), reader()]);
    expect(await valuesOf(store(), keys)).toEqual([49, 49, 49]);
  });
}

/** Reads, adds one and commits, again after each Conflict. */
async function addOne(store: Store, key: string): Promise<void> {
  for (;;) {
    const { value, version } = await get(store, key);
    const next = typeof value === "number" ? value + 1 : 1;
    try {
      return await store.commit({ documents: [set(key, version, next)] });
    } catch (refusal) {
      if (!(refusal instanceof Conflict)) throw refusal;
    }
  }
}
