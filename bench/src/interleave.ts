import type { Effort } from "./benchmark.ts";

/** One measurement. */
export type Contestant<T> = () => T | Promise<T>;

/**
 * Runs contestants in turn, round by round (A B A B …), so that what else happens on the machine meets all of them alike. Gives
 * what each measured in each round; the first round of all warms up and is not among them.
 */
export async function interleave<K extends string, T = number>(
  { rounds }: Effort,
  contestants: Readonly<Record<K, Contestant<T>>>,
): Promise<Readonly<Record<K, readonly T[]>>> {
  const entries = Object.entries<Contestant<T>>(contestants);
  const measured = new Map<string, T[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of entries) {
      const value = await run();
      if (round > 0) measured.get(name)?.push(value);
    }
  }
  return Object.fromEntries(measured) as unknown as Record<K, readonly T[]>;
}

/** How many a second, of work that does so many. */
export function perSecond(count: number, work: () => unknown): Contestant<number> {
  return async () => {
    const start = performance.now();
    await work();
    return count / ((performance.now() - start) / 1000);
  };
}
