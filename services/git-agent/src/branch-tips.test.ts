import { branchTips, caughtUpTo, movedTo, otherTips, wentOn, type BranchTips } from "./branch-tips.ts";

const ZEROS = "0".repeat(40);
const tip = (digit: string): string => digit.repeat(40);
const nothing: BranchTips = { branches: {} };

test("a repository begins without tips", () => {
  expect(branchTips.of("shop").parse(undefined)).toEqual(nothing);
});

test("a push moves its branch and leaves the others", () => {
  const before = { branches: { "refs/heads/main": tip("a"), "refs/heads/side": tip("b") } };
  expect(movedTo(before, "refs/heads/main", tip("c"))).toEqual({
    branches: { "refs/heads/side": tip("b"), "refs/heads/main": tip("c") },
  });
});

test("a deleted branch is forgotten", () => {
  const before = { branches: { "refs/heads/main": tip("a"), "refs/heads/side": tip("b") } };
  expect(movedTo(before, "refs/heads/side", ZEROS)).toEqual({ branches: { "refs/heads/main": tip("a") } });
});

test("the other tips are those of all other branches, each once", () => {
  const branches = { "refs/heads/main": tip("a"), "refs/heads/x": tip("b"), "refs/heads/y": tip("b") };
  expect(otherTips({ branches }, "refs/heads/main")).toEqual([tip("b")]);
  expect(otherTips({ branches }, "refs/heads/new")).toEqual([tip("a"), tip("b")]);
});

test("of more than 2,000 branches those pushed last are remembered", () => {
  const branches = Array.from({ length: 2000 }, (_, at) => [`refs/heads/${at}`, tip("a")] as const);
  const pushedAgain = movedTo({ branches: Object.fromEntries(branches) }, "refs/heads/0", tip("b"));
  const oneMore = Object.keys(movedTo(pushedAgain, "refs/heads/new", tip("c")).branches);
  expect(oneMore).toHaveLength(2000);
  expect(oneMore.at(0)).toBe("refs/heads/2");
  expect(oneMore.slice(-2)).toEqual(["refs/heads/0", "refs/heads/new"]);
});

test("what ticks told of a branch, and hooks right behind them, is one stretch as long as each goes on from the last; that of 100 branches is kept", () => {
  const main = "refs/heads/main";
  const twice = caughtUpTo(caughtUpTo(nothing, main, { before: tip("a"), after: tip("b") }), main, {
    before: tip("b"),
    after: tip("c"),
  });
  expect(twice).toEqual({
    branches: { [main]: tip("c") },
    caughtUp: { [main]: { before: tip("a"), after: tip("c") } },
  });
  const byHook = wentOn(twice, main, { before: tip("c"), after: tip("d") });
  expect(byHook.branches).toEqual({ [main]: tip("d") });
  expect(byHook.caughtUp).toEqual({ [main]: { before: tip("a"), after: tip("d") } });
  expect(wentOn(twice, main, { before: tip("d"), after: tip("e") }).caughtUp).toEqual(twice.caughtUp);
  const elsewhere = caughtUpTo(twice, main, { before: tip("d"), after: tip("e") });
  expect(elsewhere.caughtUp).toEqual({ [main]: { before: tip("d"), after: tip("e") } });

  const refs = Array.from({ length: 100 }, (_, at) => `refs/heads/${at}`);
  const many = refs.reduce((tips, ref) => caughtUpTo(tips, ref, { before: tip("a"), after: tip("b") }), elsewhere);
  expect(Object.keys(many.caughtUp ?? {})).toEqual(refs);
  expect(movedTo(many, main, tip("f")).caughtUp).toEqual(many.caughtUp);
});
