/** What became of a run of the tests, counted. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

/** The part of jest's results that is counted here. */
export interface RunResults {
  readonly testResults: readonly {
    /** The file's own failure: it does not load, or a hook around all its tests threw. */
    readonly testExecError?: unknown;
    readonly testResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/**
 * Counts a run. A file that does not load counts as one failure. Tests left out by jest's `-t` are no skips: nobody asked for them.
 *
 * @param namePattern what `-t` asked for, empty for all
 */
export function tallyOf({ testResults: files }: RunResults, namePattern = ""): Tally {
  const asked = new RegExp(namePattern, "i");
  const tests = files.flatMap((file) => file.testResults).filter((test) => asked.test(test.fullName));
  const failedFiles = files.filter((file) => file.testExecError !== undefined).length;
  return {
    passed: tests.filter((test) => test.status === "passed").length,
    failed: tests.filter((test) => test.status === "failed").length + failedFiles,
    skipped: tests.filter((test) => !["passed", "failed"].includes(test.status)).map((test) => test.fullName),
  };
}

/**
 * The last words of a run: a line for each skip and each trouble, then `N passed, N failed, N skipped`.
 *
 * A test that cannot run here says why at the end of its name, or its group's: `… [needs a Redis server]`. A skip without a reason is a failure
 * anywhere, in CI every skip is one.
 *
 * @param tally undefined when jest ended without having run
 * @param exitCode jest's own
 */
export function verdictOf(tally: Tally | undefined, exitCode: number, ci: boolean): { lines: string[]; ok: boolean } {
  const { passed, failed, skipped } = tally ?? { passed: 0, failed: 0, skipped: [] };
  const troubles = failed > 0 ? [] : troublesOf(passed, exitCode);
  const unexplained = skipped.filter((name) => reasonOf(name) === undefined);
  const lines = skipped.map((name) => `skipped: ${name}`);
  if (unexplained.length > 0)
    troubles.push(`${unexplained.length} skipped without a reason: end its name in [the reason]`);
  if (ci && skipped.length > 0) troubles.push("in CI nothing may be skipped");
  const counts = `${passed} passed, ${failed + troubles.length} failed, ${skipped.length} skipped`;
  return {
    lines: [...lines, ...troubles.map((trouble) => `failed: ${trouble}`), counts],
    ok: failed + troubles.length === 0,
  };
}

function troublesOf(passed: number, exitCode: number): string[] {
  if (passed === 0) return ["no test was run"];
  return exitCode === 0 ? [] : [`jest ended with ${exitCode} although no test failed`];
}

function reasonOf(name: string): string | undefined {
  return / \[([^\]]+)\]( |$)/.exec(name)?.[1];
}
