import type { FilePair } from "../file-pairs.ts";
import type { Finding } from "../finding.ts";
import type { FollowedFile } from "../followed-files.ts";
import { percent, shown } from "../wording.ts";

export const SHARED_CHANGES = 5;
export const DEGREE = 0.5;
/** A pair must have come below this degree before it can cross the other again. */
const AGAIN_BELOW = 0.4;

/** A pair with its files. */
export interface Coupling {
  readonly pair: FilePair;
  readonly a: FollowedFile;
  readonly b: FollowedFile;
}

/** The changes that two files share, of the average of their changes: 0-1. */
export function degreeOf({ pair, a, b }: Coupling): number {
  return pair.shared / ((a.changes + b.changes) / 2);
}

/** Whether they change together more often than not. */
export function isTied(coupling: Coupling): boolean {
  return coupling.pair.shared >= SHARED_CHANGES && degreeOf(coupling) >= DEGREE;
}

/** Whether, just before their last shared change, they had grown apart: each change of one alone had taken them there. */
export function hadGrownApart({ pair, a, b }: Coupling): boolean {
  return pair.shared - 1 < AGAIN_BELOW * ((a.changes + b.changes) / 2 - 1);
}

/** Two files that change together, though nothing in their names says that they must. */
export function coupling(one: Coupling): Finding | undefined {
  const { pair, a, b } = one;
  if (pair.told || !isTied(one) || nameOf(a.path) === nameOf(b.path)) return undefined;
  const degree = degreeOf(one);
  return {
    rule: "coupling",
    // Across folders it is news: what belongs together is kept together.
    severity: folderOf(a.path) === folderOf(b.path) ? "low" : "medium",
    title: `${shown(a.path, 36)} and ${shown(b.path, 36)} change together: ${percent(degree)} % of their changes`,
    about: [a, b],
    evidence: {
      shared_changes: pair.shared,
      degree_percent: percent(degree),
      threshold_percent: percent(DEGREE),
      changes_of_first: a.changes,
      changes_of_second: b.changes,
    },
    strength: degree / DEGREE,
  };
}

/** `parser.c` and `parser.h` are two halves of one. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/(?<=.)\..*$/, "");
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
