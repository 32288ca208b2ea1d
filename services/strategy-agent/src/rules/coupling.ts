import type { Severity } from "@contextpilot/events";
import { weightAt } from "../decay.ts";
import type { FilePair } from "../file-pairs.ts";
import type { Finding } from "../finding.ts";
import type { FollowedFile } from "../followed-files.ts";
import { percent, shown } from "../wording.ts";

export const SHARED_CHANGES = 5;
export const DEGREE = 0.5;
/** What stands in one folder belongs together: it is news where neither hardly ever changes alone. */
const IN_ONE_FOLDER = { shared: 10, degree: 0.75 } as const;
/**
 * What the recent shared changes must weigh together, one among n files 1 / (n - 1): five wide commits, or five of last year, say
 * little of any two files in them.
 */
const CLOSENESS = 0.25;
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

/** Two files that change together, closely and these days, though nothing in their places or names says that they must. */
export function coupling(one: Coupling, now: number): Finding | undefined {
  const { pair, a, b } = one;
  if (pair.told || !isTied(one) || weightAt(pair, now) < CLOSENESS || isExpected(a.path, b.path)) return undefined;
  const degree = degreeOf(one);
  const isNear = folderOf(a.path) === folderOf(b.path);
  if (isNear && (pair.shared < IN_ONE_FOLDER.shared || degree < IN_ONE_FOLDER.degree)) return undefined;
  return {
    rule: "coupling",
    severity: isNear ? "low" : severityAcross(a.path, b.path, degree),
    title: `${shown(a.path, 36)} and ${shown(b.path, 36)} change together: ${percent(degree)} % of their changes`,
    about: [a, b],
    evidence: {
      shared_changes: pair.shared,
      degree_percent: percent(degree),
      threshold_percent: percent(isNear ? IN_ONE_FOLDER.degree : DEGREE),
      changes_of_first: a.changes,
      changes_of_second: b.changes,
    },
    strength: degree / DEGREE,
  };
}

/** Nearly always together, and from different ends of the repository: nobody would look there. */
function severityAcross(a: string, b: string, degree: number): Severity {
  const [end, other] = [a, b].map((path) => path.slice(0, path.indexOf("/") + 1));
  return end !== other && degree >= IN_ONE_FOLDER.degree ? "high" : "medium";
}

/** Two halves of one (`parser.c`, `parser.h`), a folder's index and what is in it. */
function isExpected(a: string, b: string): boolean {
  return nameOf(a) === nameOf(b) || isIndexOf(a, b) || isIndexOf(b, a);
}

function isIndexOf(index: string, path: string): boolean {
  return INDEX.test(nameOf(index)) && folderOf(path).startsWith(folderOf(index));
}

/** What collects or starts what is in its folder. */
const INDEX = /^(?:index|__init__|__main__|mod|lib|main|app|package)$/i;

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/(?<=.)\..*$/, "");
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
