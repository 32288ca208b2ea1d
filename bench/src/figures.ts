import type { Goal } from "./benchmark.ts";

/** The value below which a share of the values lies, `quantile(values, 0.95)`: the nearest one that was measured. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A quantile of each round. */
export const quantiles = (rounds: readonly (readonly number[])[], share: number): readonly number[] =>
  rounds.map((values) => quantile(values, share));

/** Round by round: how much of the baseline. */
export function ratios(subject: readonly number[], baseline: readonly number[]): readonly number[] {
  return subject.map((value, round) => value / (baseline[round] ?? Number.NaN));
}

export type Verdict = "aim reached" | "goal reached" | "below the goal";

/** A median against its goal; what could not be measured is below it. */
export function verdictOf(value: number, goal: Goal): Verdict {
  const reaches = (bound: number): boolean => ("atLeast" in goal ? value >= bound : value <= bound);
  if (!reaches("atLeast" in goal ? goal.atLeast : goal.atMost)) return "below the goal";
  return goal.aim !== undefined && reaches(goal.aim) ? "aim reached" : "goal reached";
}
