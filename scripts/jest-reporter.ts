import { type RunResults, tallyOf } from "./test-verdict.ts";

/** Tells scripts/test.ts, jest's parent, how a run went; jest's own reporters tell the reader. */
export default class TallyReporter {
  readonly #namePattern: string;

  constructor({ testNamePattern }: { readonly testNamePattern?: string }) {
    this.#namePattern = testNamePattern ?? "";
  }

  onRunComplete(_contexts: unknown, results: RunResults): void {
    process.send?.(tallyOf(results, this.#namePattern));
  }
}
