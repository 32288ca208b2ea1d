import { createRequire } from "node:module";
import type jest from "@jest/test-sequencer";

type TestSequencer = typeof jest.default;
type Tests = Parameters<InstanceType<TestSequencer>["sort"]>[0];

// Its types describe its CommonJS module alone.
const { default: JestsOrder } = createRequire(import.meta.url)("@jest/test-sequencer") as { default: TestSequencer };

/** Begins with what takes minutes, so that no core waits for another at the end: campaigns, whole houses, then the rest in jest's order. */
export default class LongestFirst extends JestsOrder {
  override async sort(tests: Tests): Promise<Tests> {
    const sorted = await super.sort(tests);
    return sorted.toSorted((a, b) => placeOf(a.path) - placeOf(b.path));
  }
}

function placeOf(path: string): number {
  if (!path.endsWith(".e2e.test.ts")) return 2;
  return /\/e2e\/src\/[^/]+\//.test(path) ? 0 : 1;
}
