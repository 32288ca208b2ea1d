import { benchmarks } from "./benchmarks.ts";

for (const benchmark of benchmarks) {
  const missing = benchmark.missing?.();
  const describeHere = missing === undefined ? describe : describe.skip;

  describeHere(`${benchmark.name}${missing === undefined ? "" : ` [${missing}]`}`, () => {
    test("still runs, and gives a figure a round", async () => {
      const figures = await benchmark.run({ rounds: 1, scale: 0.005, long: false });
      expect(figures.length).toBeGreaterThan(0);
      for (const { name, values } of figures) {
        expect(name).not.toBe("");
        expect(values).toHaveLength(1);
        expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
      }
    });
  });
}
