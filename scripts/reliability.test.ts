import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const page = readFileSync(resolve(root, "docs/reliability.md"), "utf8");

/** The rows below a heading, as their first and last cells. */
function rowsBelow(heading: string) {
  const section = page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((line) => {
    const cells = line.slice(1, -1).split(" | ");
    return { says: cells[0]?.trim() ?? "", shownBy: testsIn(cells.at(-1) ?? "") };
  });
}

/** Tests that the page cites, as `file` "name". */
function testsIn(text: string) {
  return Array.from(text.matchAll(/`([^`]+\.ts)` "([^"]+)"/g), ([, file = "", name = ""]) => ({ file, name }));
}

const promises = rowsBelow("What is promised");
const found = rowsBelow("What was found");

test("the page has promises, and bugs that were found", () => {
  expect([promises.length >= 15, found.length >= 5]).toEqual([true, true]);
});

test.each([...promises, ...found])("a test shows it: $says", ({ shownBy }) => {
  expect(shownBy).not.toEqual([]);
});

const operations = readFileSync(resolve(root, "docs/operations.md"), "utf8");

test.each([...testsIn(page), ...testsIn(operations)])("$file has the test: $name", ({ file, name }) => {
  const path = resolve(root, file);
  const source = existsSync(path) ? readFileSync(path, "utf8") : "";
  expect(['"', "'", "`"].some((quote) => source.includes(quote + name + quote))).toBe(true);
});
