/** Every test of the house, run as ES modules; `*.test.ts` beside the code, `*.int.test.ts` one real dependency, `*.e2e.test.ts` the house. */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { target: "es2024", parser: { syntax: "typescript" } }, module: { type: "es6" } }],
  },
  roots: ["packages", "services", "e2e", "bench", "examples", "infra", "scripts"].map(
    (folder) => `<rootDir>/${folder}`,
  ),
  testMatch: ["**/*.test.ts"],
  testSequencer: "<rootDir>/scripts/jest-sequencer.ts",
  // Only what hangs gets there: a busy machine is slow, and no test is one of speed.
  testTimeout: 120_000,
};
