/** How much work a run may do. */
export interface Effort {
  /** How often each contestant runs, after one warm-up that does not count. */
  readonly rounds: number;
  /** Multiplies every count: 1 measures, 0.01 only shows that it runs. */
  readonly scale: number;
  /** Takes minutes where a benchmark has more to show then. */
  readonly long: boolean;
}

/** What was measured, once a round. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly values: readonly number[];
  readonly goal?: Goal;
}

/** `x` is a ratio: how much of the baseline in the same round. */
export type Unit = "x" | "/s" | "ms" | "MB";

/** What the house promises of a figure's median, and what it would like. */
export type Goal =
  | { readonly atLeast: number; readonly aim?: number }
  | { readonly atMost: number; readonly aim?: number };

export interface Benchmark {
  readonly name: string;
  /** In one line, for who reads the figures. */
  readonly measures: string;
  /** What it needs and has not here; absent: it runs everywhere. */
  missing?(): string | undefined;
  run(effort: Effort): Promise<readonly Figure[]>;
}

/** A count for this effort, at least 1. */
export const counted = (count: number, { scale }: Effort): number => Math.max(1, Math.round(count * scale));
