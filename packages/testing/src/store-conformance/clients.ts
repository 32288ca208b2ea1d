import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import { AlreadyHandled, Conflict, type Store } from "@contextpilot/messaging";
import { keep, remove, set } from "./documents.ts";
import type { Call, Outcome, Write, Written } from "./linearizable.ts";

const DOCUMENTS = ["a", "b", "c"] as const;
const RECORDS = ["r1", "r2"] as const;

const step = fc.record({
  /** Turns of the event loop before it. */
  after: fc.nat(2),
  reads: fc.subarray([...DOCUMENTS, ...RECORDS], { minLength: 1 }),
  /** Undefined: it only reads. */
  write: fc.option(
    fc.record({
      create: fc.option(fc.constantFrom(...RECORDS), { nil: undefined }),
      changes: fc.uniqueArray(
        fc.record({ key: fc.constantFrom(...DOCUMENTS), change: fc.constantFrom("set", "keep", "delete") }),
        { selector: ({ key }) => key, minLength: 1, maxLength: 3 },
      ),
    }),
    { nil: undefined, freq: 4 },
  ),
});

/** What three clients do side by side, each one thing after the other. */
export const clients = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 3 });
type Clients = typeof clients extends fc.Arbitrary<infer T> ? T : never;

/** Lets the clients go, and gives every call that they made. A client commits on what it read last, which others change meanwhile. */
export async function callsOf(
  store: Store,
  plan: Clients,
  prefix: string,
  oneMoment: boolean,
): Promise<readonly Call[]> {
  const calls: Call[] = [];
  let moment = 0;
  let number = 0;

  async function call(write: Write | undefined, make: (number: number) => Promise<Outcome>): Promise<Outcome> {
    const own = (number += 1);
    const begun = (moment += 1);
    const outcome = await make(own);
    calls.push({ number: own, write, begun, ended: (moment += 1), outcome });
    return outcome;
  }

  async function client(steps: Clients[number]): Promise<void> {
    const versions = new Map<string, string | undefined>();
    const seen = new Map<string, Written>();
    const read = (names: readonly string[]): Promise<Outcome> =>
      call(undefined, async () => {
        const documents = await store.read(names.map((name) => prefix + name));
        for (const [place, { value, version }] of documents.entries()) {
          const name = names[place] ?? "";
          versions.set(name, version);
          seen.set(name, typeof value === "number" ? value : undefined);
        }
        return { kind: "read", seen: new Map(names.map((name) => [name, seen.get(name)])) };
      });

    for (const { after, reads, write } of steps) {
      for (let turns = 0; turns < after; turns += 1) await turn();
      if (oneMoment) await read(reads);
      else await Promise.all(reads.map((name) => read([name])));
      if (write === undefined) continue;
      const { create } = write;
      const changes = write.changes.map(({ key, change }) => ({ key, change, expected: seen.get(key) }));
      await call({ create, changes }, (own) => {
        const documents = changes.map(({ key, change }) => {
          const expected = versions.get(key);
          if (change === "set") return set(prefix + key, expected, own);
          return (change === "keep" ? keep : remove)(prefix + key, expected);
        });
        const unit = create === undefined ? { documents } : { create: { key: prefix + create, value: own }, documents };
        return store.commit(unit).then(() => ({ kind: "committed" }), refused);
      });
    }
  }
  await Promise.all(plan.map(client));
  return calls;
}

function refused(refusal: unknown): Outcome {
  if (refusal instanceof AlreadyHandled) return { kind: "AlreadyHandled" };
  if (refusal instanceof Conflict) return { kind: "Conflict" };
  return { kind: "unknown" };
}
