import { isLinearizable, type Call, type Outcome, type Written } from "./linearizable.ts";

let number = 0;
beforeEach(() => {
  number = 0;
});

const setting = (
  expected: Written,
  [begun, ended]: readonly [number, number],
  outcome: Outcome["kind"] = "committed",
) =>
  ({
    number: (number += 1),
    write: { create: undefined, changes: [{ key: "a", expected, change: "set" }] },
    begun,
    ended,
    outcome: { kind: outcome } as Outcome,
  }) satisfies Call;
const reading = (seen: Written, [begun, ended]: readonly [number, number]): Call => ({
  number: (number += 1),
  write: undefined,
  begun,
  ended,
  outcome: { kind: "read", seen: new Map([["a", seen]]) },
});

test("what happened side by side may have happened in any order", () => {
  expect(isLinearizable([setting(undefined, [1, 6]), reading(1, [2, 5]), reading(undefined, [3, 4])])).toBe(true);
});

test("of two that wrote the same version one was refused", () => {
  expect(isLinearizable([setting(undefined, [1, 3]), setting(undefined, [2, 4], "Conflict")])).toBe(true);
  expect(isLinearizable([setting(undefined, [1, 3]), setting(undefined, [2, 4])])).toBe(false);
});

test("who reads after a commit has ended sees it", () => {
  expect(isLinearizable([setting(undefined, [1, 2]), reading(undefined, [3, 4])])).toBe(false);
});

test("a refusal without cause is none", () => {
  expect(isLinearizable([setting(undefined, [1, 2], "Conflict")])).toBe(false);
});

test("a commit of which the store could not say may have happened or not, also later", () => {
  expect(isLinearizable([setting(undefined, [1, 2], "unknown"), reading(undefined, [3, 4]), reading(1, [5, 6])])).toBe(
    true,
  );
  number = 0;
  expect(isLinearizable([setting(undefined, [1, 2], "unknown"), reading(1, [3, 4]), reading(undefined, [5, 6])])).toBe(
    false,
  );
});
