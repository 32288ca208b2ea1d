import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const packages = join(import.meta.dirname, "../..");
const page = readFileSync(join(packages, "../docs/terminology.md"), "utf8");
const words = [...page.matchAll(/^\| ([\w -]+?) +\| [^|]+ \| (\w[\w-]*)\/([\w/-]+\.ts) +\|$/gm)].map(
  ([, word = "", name = "", file = ""]) => ({ word, file: join(packages, name, "src", file) }),
);

test("each word stands in docs/terminology.md once", () => {
  expect(words.length).toBeGreaterThan(30);
  expect(new Set(words.map(({ word }) => word)).size).toBe(words.length);
});

test.each(words)("$word is held in a file that is there", ({ file }) => {
  expect(existsSync(file)).toBe(true);
});
