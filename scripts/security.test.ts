import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const page = readFileSync(resolve(root, "SECURITY.md"), "utf8");

/** The rows of every table, without its heads. */
const claims = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| -|shown by +\|$/.test(line))
  .map((line) => {
    const cells = line.slice(1, -1).split(" | ");
    const tests = Array.from(line.matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g), ([, file = "", name = ""]) => ({
      file,
      name,
    }));
    return { claim: cells[0]?.trim() ?? "", shownBy: cells.at(-1)?.trim() ?? "", tests };
  });

test("the page has claims", () => {
  expect(claims.length).toBeGreaterThan(30);
});

test.each(claims)("the claim names its tests, or says why there is none: $claim", ({ shownBy, tests }) => {
  expect(tests.length === 0).toBe(/^no test: \S/.test(shownBy));
});

test.each(claims.flatMap(({ tests }) => tests))("$file has the test: $name", ({ file, name }) => {
  const path = resolve(root, file);
  const source = existsSync(path) ? readFileSync(path, "utf8") : "";
  expect(['"', "'", "`"].some((quote) => source.includes(quote + name + quote))).toBe(true);
});
