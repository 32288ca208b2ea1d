import { cpus } from "node:os";
import type { Benchmark, Figure, Goal, Unit } from "./benchmark.ts";
import { median, verdictOf } from "./figures.ts";

/** The machine, for whoever compares figures. */
export const machine = (): string => {
  const cores = cpus();
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"})`;
};

/** One benchmark for people: a line a figure, its median with the range of its rounds, and the goal beside it. */
export function linesOf(benchmark: Benchmark, figures: readonly Figure[]): readonly string[] {
  return [`${benchmark.name}: ${benchmark.measures}`, ...figures.map(lineOf), ""];
}

function lineOf({ name, unit, values, goal }: Figure): string {
  const middle = median(values);
  const range = `${text(Math.min(...values), unit)} to ${text(Math.max(...values), unit)}`;
  const promise = goal === undefined ? "" : `   ${verdictOf(middle, goal)} (${goalText(goal, unit)})`;
  return `  ${name.padEnd(58)} ${`${text(middle, unit)} ${unit}`.padStart(13)}   ${range.padEnd(22)}${promise}`.trimEnd();
}

function goalText(goal: Goal, unit: Unit): string {
  const bound = "atLeast" in goal ? `at least ${text(goal.atLeast, unit)}` : `at most ${text(goal.atMost, unit)}`;
  return goal.aim === undefined ? bound : `${bound}, aim ${text(goal.aim, unit)}`;
}

function text(value: number, unit: Unit): string {
  switch (unit) {
    case "/s":
    case "MB":
      return Math.round(value).toLocaleString("en-US");
    case "ms":
    case "x":
      return value.toFixed(value < 100 ? 2 : 0);
  }
}

/** One benchmark for machines. */
export function recordOf({ name, measures }: Benchmark, figures: readonly Figure[]): object {
  return {
    benchmark: name,
    measures,
    figures: figures.map((figure) => ({
      name: figure.name,
      unit: figure.unit,
      median: median(figure.values),
      min: Math.min(...figure.values),
      max: Math.max(...figure.values),
      rounds: figure.values.length,
      ...(figure.goal === undefined
        ? {}
        : { goal: figure.goal, verdict: verdictOf(median(figure.values), figure.goal) }),
    })),
  };
}
