/** After so long a change weighs half. */
export const HALF_LIFE_MS = 30 * 86_400_000;

/** A count whose entries fade: what they weighed together at a time (milliseconds since 1970). */
export interface DecayedCount {
  readonly weight: number;
  readonly at: number;
}

/** What the count weighs at a later time; at an earlier one as much as it is known to. */
export function weightAt({ weight, at }: DecayedCount, time: number): number {
  return weight * 2 ** (Math.min(0, at - time) / HALF_LIFE_MS);
}

/** The count with one entry more. Entries may come in any order: their sum is the same, but for rounding. */
export function counted(count: DecayedCount | undefined, time: number, amount = 1): DecayedCount {
  if (count === undefined) return { weight: amount, at: time };
  const at = Math.max(count.at, time);
  return { weight: weightAt(count, at) + weightAt({ weight: amount, at: time }, at), at };
}

/** At most so many, those that weigh most, in the order in which they stand; of equals those that stand last. */
export function heaviest<T extends DecayedCount>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  const now = items.reduce((latest, { at }) => Math.max(latest, at), 0);
  return items
    .map((item, position) => ({ item, position, weight: weightAt(item, now) }))
    .toSorted((a, b) => b.weight - a.weight || b.position - a.position)
    .slice(0, limit)
    .toSorted((a, b) => a.position - b.position)
    .map(({ item }) => item);
}
