import * as fc from "fast-check";
import type { DocumentChange, Store } from "@contextpilot/messaging";
import { keep, remove, set, valuesOf } from "./documents.ts";

const DOCUMENTS = ["a", "b", "c"] as const;
const RECORDS = ["r1", "r2", "r3"] as const;

/** One commit: a record to create, and what is done to some documents, as they are now or as they were once. */
export const steps = fc.record({
  create: fc.option(fc.constantFrom(...RECORDS), { nil: undefined, freq: 1 }),
  changes: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...DOCUMENTS),
      change: fc.constantFrom("set", "keep", "delete"),
      // How many versions back the condition looks; mostly none.
      versionsBack: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
    }),
    { selector: ({ name }) => name, maxLength: DOCUMENTS.length },
  ),
});
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

interface Told {
  readonly outcome: unknown;
  readonly values: readonly unknown[];
}

/** A plain map that does what a store should, and remembers each version it was shown. */
export class StoreModel {
  readonly #prefix: string;
  readonly #keys: readonly string[];
  readonly #values = new Map<string, number>();
  readonly #versions = new Map<string, readonly (string | undefined)[]>();
  #step = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#keys = [...DOCUMENTS, ...RECORDS].map((name) => this.#key(name));
  }

  /** Takes the step, in the store and here: what should have happened, and what did. */
  async follow(store: Store, { create, changes }: Step): Promise<{ expected: Told; happened: Told }> {
    this.#step += 1;
    await this.#look(store);
    const record = create === undefined ? undefined : { key: this.#key(create), value: this.#step };
    const documents = changes.map(({ name, change, versionsBack }): DocumentChange => {
      const key = this.#key(name);
      const expected = this.#version(key, versionsBack);
      return change === "set" ? set(key, expected, this.#step) : (change === "keep" ? keep : remove)(key, expected);
    });

    const should = this.#commit(record?.key, documents);
    const did = await store.commit({ ...(record && { create: record }), documents }).then(
      () => "committed",
      (refusal: unknown) => (refusal instanceof Error ? refusal.name : refusal),
    );
    return {
      expected: { outcome: should, values: this.#keys.map((key) => this.#values.get(key)) },
      happened: { outcome: did, values: await valuesOf(store, this.#keys) },
    };
  }

  async #look(store: Store): Promise<void> {
    for (const { key, version } of await store.read(this.#keys)) {
      const before = this.#versions.get(key) ?? [];
      if (before.at(-1) !== version || before.length === 0) this.#versions.set(key, [...before, version]);
    }
  }

  #version(key: string, back: number): string | undefined {
    const versions = this.#versions.get(key) ?? [];
    return versions[Math.max(0, versions.length - 1 - back)];
  }

  #commit(record: string | undefined, documents: readonly DocumentChange[]): string {
    if (record !== undefined && this.#values.has(record)) return "AlreadyHandled";
    if (documents.some(({ key, expected }) => expected !== this.#version(key, 0))) return "Conflict";
    if (record !== undefined) this.#values.set(record, this.#step);
    for (const { key, change } of documents) {
      if (change.kind === "set") this.#values.set(key, this.#step);
      if (change.kind === "delete") this.#values.delete(key);
    }
    return "committed";
  }

  #key(name: string): string {
    return `${this.#prefix}/${name}`;
  }
}
