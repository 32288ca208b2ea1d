import * as z from "zod";
import { counted, heaviest, weightAt, type DecayedCount } from "./decay.ts";

/** So many people of a repository are remembered, those who work there most. */
const AUTHORS_KEPT = 50;

export const authorSchema = z.object({ id: z.string(), weight: z.number(), at: z.number() });
export type Author = z.output<typeof authorSchema>;

/** The authors after one has made another commit. */
export function worked(authors: readonly Author[], id: string | undefined, at: number): readonly Author[] {
  if (id === undefined) return authors;
  const known = authors.find((author) => author.id === id);
  const others = authors.filter((author) => author !== known);
  return heaviest([...others, { id, ...counted(known, at) }], AUTHORS_KEPT);
}

/** What part of the recent commits is by others, 0-1. */
export function shareOfOthers(authors: readonly Author[], id: string, now: number): number {
  const all = total(authors, now);
  return all === 0
    ? 0
    : total(
        authors.filter((author) => author.id !== id),
        now,
      ) / all;
}

const total = (counts: readonly DecayedCount[], now: number): number =>
  counts.reduce((sum, count) => sum + weightAt(count, now), 0);
