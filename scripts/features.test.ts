import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const page = readFileSync(resolve(root, "docs/features.md"), "utf8");

const rows = Array.from(
  page.matchAll(/^\| *(\d+) *\| *(.+?) *\| *(.+?) *\|$/gm),
  ([, number, what = "", shownBy = ""]) => ({
    number: Number(number),
    what,
    shownBy,
    tests: testsIn(shownBy),
  }),
);
const lifecycle = readFileSync(resolve(root, "docs/lifecycle.md"), "utf8");
const cited = [
  ...new Map(
    [...rows.flatMap(({ tests }) => tests), ...testsIn(lifecycle)].map((test) => [`${test.file} ${test.name}`, test]),
  ).values(),
];

/** Tests that a page cites, as `file` "name". */
function testsIn(text: string) {
  return Array.from(text.matchAll(/`([^`]+\.ts)` "([^"]+)"/g), ([, file = "", name = ""]) => ({ file, name }));
}

const stateOf = (shownBy: string): "missing" | "in part" | "shown" =>
  shownBy.startsWith("missing: ") ? "missing" : shownBy.startsWith("in part: ") ? "in part" : "shown";

test("the page has the 157 rows, in order", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 157 }, (_, index) => index + 1));
});

test.each(rows)("row $number names its tests, or says what is missing: $what", ({ shownBy, tests }) => {
  const state = stateOf(shownBy);
  expect(tests.length > 0).toBe(state !== "missing");
  expect(/(?:^|; )missing: \S/.test(shownBy)).toBe(state !== "shown");
});

test.each(cited)("$file has the test: $name", ({ file, name }) => {
  const path = resolve(root, file);
  const source = existsSync(path) ? readFileSync(path, "utf8") : "";
  // A whole text of the source: the name of a test, or of a case in its table.
  expect(['"', "'", "`"].some((quote) => source.includes(quote + name + quote))).toBe(true);
});
