import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const pages = readdirSync(resolve(root, "docs")).filter((name) => name.endsWith(".md"));

const quotes = pages.flatMap((page) =>
  Array.from(
    readFileSync(resolve(root, "docs", page), "utf8").matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g),
    ([, file = "", quote = ""]) => ({ page, file, quote }),
  ),
);

test("the pages quote code, so that what they show was compiled and run", () => {
  expect(quotes.length).toBeGreaterThan(5);
});

test.each(quotes)("$page quotes $file as it is", ({ file, quote }) => {
  expect(readFileSync(resolve(root, file), "utf8")).toContain(quote.trimEnd());
});
