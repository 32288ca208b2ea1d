import { benchmarks } from "./benchmarks.ts";

test.each(benchmarks)("$name still runs, and gives a figure a round", async (benchmark) => {
  const figures = await benchmark.run({ rounds: 1, scale: 0.005, long: false });
  expect(figures.length).toBeGreaterThan(0);
  for (const { name, values } of figures) {
    expect(name).not.toBe("");
    expect(values).toHaveLength(1);
    expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  }
});
