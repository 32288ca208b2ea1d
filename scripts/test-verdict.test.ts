import { type RunResults, type Tally, tallyOf, verdictOf } from "./test-verdict.ts";

test("a run without trouble ends with its counts", () => {
  expect(verdictOf(tally({ passed: 3 }), 0, true)).toEqual({ lines: ["3 passed, 0 failed, 0 skipped"], ok: true });
});

test("each skip is named with its reason before the counts", () => {
  const skipped = ["the log survives a failover [needs a Redis server]"];
  expect(verdictOf(tally({ passed: 1, skipped }), 0, false)).toEqual({
    lines: ["skipped: the log survives a failover [needs a Redis server]", "1 passed, 0 failed, 1 skipped"],
    ok: true,
  });
});

test("in CI a skip fails the run", () => {
  const verdict = verdictOf(tally({ passed: 1, skipped: ["talks to Redis [needs a Redis server]"] }), 0, true);
  expect(verdict.lines.slice(1)).toEqual(["failed: in CI nothing may be skipped", "1 passed, 1 failed, 1 skipped"]);
  expect(verdict.ok).toBe(false);
});

test("a skip without a reason fails the run anywhere", () => {
  expect(verdictOf(tally({ passed: 1, skipped: ["talks to Redis"] }), 0, false)).toEqual({
    lines: [
      "skipped: talks to Redis",
      "failed: 1 skipped without a reason: end its name in [the reason]",
      "1 passed, 1 failed, 1 skipped",
    ],
    ok: false,
  });
});

test("a run without a test fails", () => {
  const lines = ["failed: no test was run", "0 passed, 1 failed, 0 skipped"];
  expect(verdictOf(tally({}), 0, false)).toEqual({ lines, ok: false });
  expect(verdictOf(undefined, 1, false)).toEqual({ lines, ok: false });
});

test("a jest that fails although every test passed is never counted as 0 failed", () => {
  expect(verdictOf(tally({ passed: 2 }), 1, false).lines).toEqual([
    "failed: jest ended with 1 although no test failed",
    "2 passed, 1 failed, 0 skipped",
  ]);
});

test("a file that does not load counts as a failure", () => {
  const results = {
    testResults: [{ testExecError: { message: "unexpected token" }, testResults: [] }, file(["a", "passed"])],
  };
  expect(tallyOf(results)).toEqual({ passed: 1, failed: 1, skipped: [] });
});

test("passed, failed, skipped and planned tests are told apart", () => {
  const results = { testResults: [file(["a", "passed"], ["b", "failed"], ["c", "pending"]), file(["d", "todo"])] };
  expect(tallyOf(results)).toEqual({ passed: 1, failed: 1, skipped: ["c", "d"] });
});

test("what a name pattern leaves out is no skip", () => {
  const results = { testResults: [file(["Acks in time", "passed"], ["nacks", "pending"], ["acks late", "pending"])] };
  expect(tallyOf(results, "^acks")).toEqual({ passed: 1, failed: 0, skipped: ["acks late"] });
});

function tally(parts: Partial<Tally>): Tally {
  return { passed: 0, failed: 0, skipped: [], ...parts };
}

function file(...tests: readonly (readonly [fullName: string, status: string])[]): RunResults["testResults"][number] {
  return { testResults: tests.map(([fullName, status]) => ({ fullName, status })) };
}
