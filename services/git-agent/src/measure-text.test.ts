import { measureText } from "./measure-text.ts";

function measure(...lines: string[]) {
  return measureText(Buffer.from(lines.join("\n")));
}

test.each([
  ["", 0],
  ["one", 1],
  ["one\n", 1],
  ["one\ntwo", 2],
  ["\n\n", 2],
  ["one\r\ntwo\r\n", 2],
])("%j has %i lines", (text, linesTotal) => {
  expect(measureText(Buffer.from(text)).linesTotal).toBe(linesTotal);
});

test.each([
  ["two spaces", ["a", "  b", "    c", "  d"], 4],
  ["four spaces", ["a", "    b", "        c", "    d"], 4],
  ["tabs", ["a", "\tb", "\t\tc", "\td"], 4],
  ["eight spaces", ["a", "        b", "                c", "        d"], 4],
  ["nothing indented", ["a", "b"], 0],
  ["blank lines between", ["a", "  b", "", "      ", "\t\r", "    c", "  d"], 4],
  ["block comments", ["/**", " * about", " * this", " */", "a", "  b", "/**", " * and", " */", "c", "  d"], 2],
  ["a continuation line among blocks", ["a", "  b", "c", "  d", "e", "      f"], 5],
])("%s", (_, lines, indentationComplexity) => {
  expect(measure(...lines).indentationComplexity).toBe(indentationComplexity);
});

test("deeper code is more complex, more of the same adds up", () => {
  const flat = measure("a", "  b", "  c", "  d").indentationComplexity;
  const deep = measure("a", "  b", "    c", "      d").indentationComplexity;
  expect(deep).toBeGreaterThan(flat);
  expect(measure("a", "  b", "  c", "  d", "a", "  b", "  c", "  d").indentationComplexity).toBe(2 * flat);
});
