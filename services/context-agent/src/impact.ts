import { FILE_KINDS, type FileKind } from "@contextpilot/events";

/**
 * What a kind of file adds to the score: `most` points, half of them at `half` lines. Small changes to what decides how the
 * house is built, or what becomes of its data, weigh early; generated files hardly at all.
 */
export const KIND_WEIGHTS: Readonly<Record<FileKind, { readonly most: number; readonly half: number }>> = {
  security: { most: 10, half: 60 },
  migration: { most: 9, half: 20 },
  ci: { most: 7, half: 20 },
  dependencies: { most: 6, half: 10 },
  code: { most: 6, half: 60 },
  config: { most: 4, half: 30 },
  test: { most: 2, half: 60 },
  docs: { most: 1, half: 60 },
  generated: { most: 1, half: 500 },
  asset: { most: 1, half: 500 },
};

/** What spread adds at most, and how many further files of the heaviest kind give half of it. */
export const SPREAD = { most: 4, half: 10 } as const;

/** One changed file: its kind, and its lines added plus removed. */
export interface ScoredFile {
  readonly kind: FileKind;
  readonly lines: number;
}

/** What the commit's totals hold beyond the files that are listed. */
export interface Unlisted {
  readonly files: number;
  readonly lines: number;
}

/**
 * How much a change may move, 0-10 with one decimal: the churn of each kind of file, saturating, and the spread over files.
 * Contributions add: more lines in a file, or a file more, never give less, and the order of the files does not matter.
 * docs/impact-score.md has the formula, the reasons and eight examples.
 *
 * @param unlisted counted as the listed kind (the lightest where none is) with which the score is highest
 */
export function impactOf(files: readonly ScoredFile[], unlisted: Unlisted = { files: 0, lines: 0 }): number {
  const linesByKind = new Map<FileKind, number>();
  for (const { kind, lines } of files) {
    // A rename and a binary file have no lines and are a change all the same.
    linesByKind.set(kind, (linesByKind.get(kind) ?? 0) + Math.max(1, lines));
  }
  const candidates: readonly FileKind[] = linesByKind.size > 0 ? [...linesByKind.keys()] : ["asset"];

  const churn = Math.max(...candidates.map((kind) => churnPoints(linesByKind, kind, unlisted.lines)));
  const weightOfUnlisted = Math.max(...candidates.map((kind) => KIND_WEIGHTS[kind].most));
  const weight = files.reduce((sum, { kind }) => sum + KIND_WEIGHTS[kind].most, unlisted.files * weightOfUnlisted);
  const furtherFiles = Math.max(0, weight / KIND_WEIGHTS.security.most - 1);

  return Math.round(Math.min(10, churn + saturating(furtherFiles, SPREAD)) * 10) / 10;
}

function churnPoints(linesByKind: ReadonlyMap<FileKind, number>, unlistedAs: FileKind, unlistedLines: number): number {
  // In one order, whatever the order of the files: a sum of floating-point numbers depends on it.
  return FILE_KINDS.reduce((sum, kind) => {
    const lines = (linesByKind.get(kind) ?? 0) + (kind === unlistedAs ? unlistedLines : 0);
    return sum + saturating(lines, KIND_WEIGHTS[kind]);
  }, 0);
}

function saturating(amount: number, { most, half }: { readonly most: number; readonly half: number }): number {
  return (most * amount) / (amount + half);
}
