import { missedPushes, type Known, type Lagging } from "./missed-pushes.ts";

const MAIN = "refs/heads/main";
const SIDE = "refs/heads/side";
const ZEROS = "0".repeat(40);
const [A, B, C] = ["a", "b", "c"].map((digit) => digit.repeat(40)) as [string, string, string];
const NOTHING: Lagging = { branches: {} };

/** Where the branches are known to stand. */
const known = (branches: Record<string, string>, over: Partial<Known> = {}): Known => ({
  tips: { branches },
  lagging: NOTHING,
  first: [],
  ...over,
});

/** What is said at one tick after another, while nothing moves the known tips. */
function ticks(branches: Record<string, string>, before: Known, count: number, limit = 100) {
  let lagging = before.lagging;
  return Array.from({ length: count }, () => {
    const missed = missedPushes(new Map(Object.entries(branches)), { ...before, lagging }, limit);
    lagging = missed.lagging;
    return missed.pushes;
  });
}

test("a branch that stands where it is known to stand is nothing", () => {
  expect(missedPushes(new Map([[MAIN, A]]), known({ [MAIN]: A }), 100)).toEqual({ pushes: [], lagging: NOTHING });
});

test("one that has moved is said at the second tick, once more as a push of its own, and then no more", () => {
  const push = { ref: MAIN, before: A, after: B };
  expect(ticks({ [MAIN]: B }, known({ [MAIN]: A }), 5)).toEqual([
    [],
    [{ ...push, again: false }],
    [{ ...push, again: true }],
    [],
    [],
  ]);
});

test("one that goes on is said again from its known tip; one whose tip has moved is looked at anew", () => {
  const lagging = { branches: { [MAIN]: { before: A, told: B, again: true } } };
  expect(missedPushes(new Map([[MAIN, C]]), known({ [MAIN]: A }, { lagging }), 100).pushes).toEqual([
    { ref: MAIN, before: A, after: C, again: false },
  ]);
  const moved = missedPushes(new Map([[MAIN, C]]), known({ [MAIN]: B }, { lagging }), 100);
  expect(moved).toEqual({ pushes: [], lagging: { branches: { [MAIN]: { before: B } } } });
});

test("one that has caught up is forgotten", () => {
  const lagging = { branches: { [MAIN]: { before: A, told: B } } };
  expect(missedPushes(new Map([[MAIN, B]]), known({ [MAIN]: B }, { lagging }), 100).lagging).toEqual(NOTHING);
});

test("one that is gone was deleted", () => {
  expect(ticks({}, known({ [SIDE]: A }), 2)[1]).toEqual([{ ref: SIDE, before: A, after: ZEROS, again: false }]);
  const sha256 = "d".repeat(64);
  expect(ticks({}, known({ [SIDE]: sha256 }), 2)[1]).toMatchObject([{ after: "0".repeat(64) }]);
});

describe("a branch that no push has moved", () => {
  const branches = { [MAIN]: A, [SIDE]: B };

  test("is new where it stands on another commit than those from the beginning", () => {
    expect(ticks(branches, known({}, { first: [A] }), 2)[1]).toEqual([
      { ref: SIDE, before: ZEROS, after: B, again: false },
    ]);
  });

  test.each([
    ["nobody knows where the branches stood at the beginning", { first: undefined }],
    ["more branches were there at the beginning than were noted", { first: Array.from({ length: 2000 }, () => C) }],
    [
      "more branches are known than are remembered",
      { tips: { branches: Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`refs/heads/${at}`, C])) } },
    ],
  ])("is no news where %s", (_why, over) => {
    const said = ticks(branches, known({}, over), 2)[1] ?? [];
    expect(said.filter(({ ref }) => ref in branches)).toEqual([]);
  });
});

test("of many branches some are said at each tick, until all are", () => {
  const names = Array.from({ length: 25 }, (_, at) => `refs/heads/${at}`);
  const branches = Object.fromEntries(names.map((name) => [name, A]));
  const said = ticks(branches, known({}), 6, 10).map((pushes) => pushes.map(({ ref }) => ref));
  expect(said.map((refs) => refs.length)).toEqual([0, 10, 10, 10, 10, 5]);
  expect(new Set(said.flat())).toEqual(new Set(names));
});
