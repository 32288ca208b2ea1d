import { worked, type Author } from "./authors.ts";
import type { Change } from "./change.ts";
import { pairUp, type FilePair } from "./file-pairs.ts";
import type { Finding } from "./finding.ts";
import { follow, type FollowedFile, type Mark } from "./followed-files.ts";
import { coupling, hadGrownApart, isTied, type Coupling } from "./rules/coupling.ts";
import { hotspot, isOver, rearmed, scoreOf } from "./rules/hotspot.ts";
import { soleAuthor } from "./rules/sole-author.ts";

/** What is known of a repository: bounded, however large it is. */
export interface History {
  readonly files: readonly FollowedFile[];
  readonly next_id: number;
  readonly authors: readonly Author[];
  readonly pairs: readonly FilePair[];
}

/** The history after a change. What has fallen far below its threshold since it was told of may be told of again. */
export function remember(history: History, change: Change, now: number): History {
  const { files, next_id } = follow(history, change);
  if (change.sweeping) return { ...history, files, next_id };
  const before = new Map(history.files.map((file) => [file.id, file]));
  const touched = touchedBy(change);
  const after: History = {
    files: files.map((file) => (touched(file) ? rearmed(file, before.get(file.id), now) : file)),
    next_id,
    authors: worked(history.authors, change.author, change.at),
    pairs: history.pairs,
  };
  const together = files.filter(touched).map(({ id }) => id);
  return together.length < 2 ? after : { ...after, pairs: pairsAfter(after, together, change.at) };
}

function pairsAfter({ files, pairs }: History, together: readonly number[], at: number): readonly FilePair[] {
  const byId = new Map(files.map((file) => [file.id, file]));
  const changed = new Set(together);
  const followed = pairs.filter(({ a, b }) => byId.has(a) && byId.has(b));
  return pairUp(followed, together, at).map((pair) => {
    if (!pair.told || !changed.has(pair.a) || !changed.has(pair.b)) return pair;
    return couplingsOf([pair], byId).some(hadGrownApart) ? { ...pair, told: false } : pair;
  });
}

/** What the change brings over a threshold and was not told of, the most serious first. */
export function findingsIn({ files, pairs, authors }: History, change: Change, now: number): readonly Finding[] {
  const touched = files.filter(touchedBy(change));
  const byId = new Map(touched.map((file) => [file.id, file]));
  return [
    ...touched.flatMap((file) => hotspot(file, now) ?? []),
    ...couplingsOf(pairs, byId).flatMap((one) => coupling(one, now) ?? []),
    ...touched.flatMap((file) => soleAuthor(file, authors, now) ?? []),
  ].toSorted((a, b) => SERIOUSNESS[b.severity] - SERIOUSNESS[a.severity] || b.strength - a.strength);
}

const SERIOUSNESS = { low: 0, medium: 1, high: 2 } as const satisfies Record<Finding["severity"], number>;

/** The hottest file that the change brings over the upper threshold and that no proposal was made for. */
export function toRefactor({ files }: History, change: Change, now: number): FollowedFile | undefined {
  return files
    .filter(touchedBy(change))
    .filter((file) => !file.told.includes("refactor") && isOver("refactor", file, now))
    .toSorted((a, b) => scoreOf(b, now) - scoreOf(a, now))[0];
}

/** The files that change together with one, the closest first. */
export function partnersOf({ files, pairs }: History, { id }: FollowedFile): readonly Coupling[] {
  const byId = new Map(files.map((file) => [file.id, file]));
  return couplingsOf(
    pairs.filter(({ a, b }) => a === id || b === id),
    byId,
  )
    .filter(isTied)
    .toSorted((one, other) => other.pair.shared - one.pair.shared);
}

/** The history in which these were told of. */
export function told(history: History, findings: readonly Finding[], refactored: FollowedFile | undefined): History {
  const marks = new Map<number, Mark[]>(refactored === undefined ? [] : [[refactored.id, ["refactor"]]]);
  const pairs = new Set<string>();
  for (const { rule, about } of findings) {
    if (rule === "coupling") pairs.add(idsOf(about.map(({ id }) => id)));
    else for (const { id } of about) marks.set(id, [...(marks.get(id) ?? []), rule]);
  }
  const mark = (file: FollowedFile): FollowedFile => ({ ...file, told: [...file.told, ...(marks.get(file.id) ?? [])] });
  return {
    ...history,
    files: marks.size === 0 ? history.files : history.files.map((file) => (marks.has(file.id) ? mark(file) : file)),
    pairs:
      pairs.size === 0
        ? history.pairs
        : history.pairs.map((pair) => (pairs.has(idsOf([pair.a, pair.b])) ? { ...pair, told: true } : pair)),
  };
}

const idsOf = (ids: readonly number[]): string => ids.join(" ");

function touchedBy(change: Change): (file: FollowedFile) => boolean {
  const paths = new Set(change.files.map(({ path }) => path));
  return ({ path }) => paths.has(path);
}

function couplingsOf(pairs: readonly FilePair[], byId: ReadonlyMap<number, FollowedFile>): readonly Coupling[] {
  return pairs.flatMap((pair) => {
    const [a, b] = [byId.get(pair.a), byId.get(pair.b)];
    return a === undefined || b === undefined ? [] : [{ pair, a, b }];
  });
}
