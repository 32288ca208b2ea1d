import * as z from "zod";
import { counted, heaviest } from "./decay.ts";

/** So many pairs of a repository are kept; beyond, those whose shared changes weigh least are forgotten. */
export const PAIRS_KEPT = 1000;

/** Two files by their ids, the smaller first, and how often they changed together. */
export interface FilePair {
  readonly a: number;
  readonly b: number;
  readonly shared: number;
  /** Decayed; decides which pairs are kept, and nothing else. */
  readonly weight: number;
  readonly at: number;
  readonly told: boolean;
}

/** A pair as it is kept: a, b, shared, weight, at, told. There are many, and their fields' names would be half of the document. */
export const keptPairSchema = z.tuple([z.int(), z.int(), z.int(), z.number(), z.number(), z.boolean()]);
type KeptPair = z.output<typeof keptPairSchema>;

export function pairOf([a, b, shared, weight, at, told]: KeptPair): FilePair {
  return { a, b, shared, weight, at, told };
}

export function keptPair({ a, b, shared, weight, at, told }: FilePair): KeptPair {
  return [a, b, shared, Math.round(weight * 1e4) / 1e4, at, told];
}

/**
 * The pairs after a commit that changed these files together. Whether a pair is kept is decided by weight: among n files each
 * pair weighs 1 / (n - 1), because a commit of two files ties them closer than one of thirty does, which has 435 pairs.
 */
export function pairUp(pairs: readonly FilePair[], together: readonly number[], at: number): readonly FilePair[] {
  const ids = new Set(together);
  // Most pairs have nothing to do with this commit: only its own are looked up by name.
  const isOwn = ({ a, b }: FilePair): boolean => ids.has(a) && ids.has(b);
  const own = new Map(pairs.filter(isOwn).map((pair) => [nameOf(pair), pair]));
  for (const a of ids) {
    for (const b of ids) {
      if (a >= b) continue;
      const known = own.get(nameOf({ a, b }));
      const shared = (known?.shared ?? 0) + 1;
      own.set(nameOf({ a, b }), {
        a,
        b,
        shared,
        ...counted(known, at, 1 / (ids.size - 1)),
        told: known?.told ?? false,
      });
    }
  }
  return heaviest([...pairs.filter((pair) => !isOwn(pair)), ...own.values()], PAIRS_KEPT);
}

const nameOf = ({ a, b }: Pick<FilePair, "a" | "b">): string => `${a} ${b}`;
