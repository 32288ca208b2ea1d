import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseFilter } from "./filter/parse-filter.ts";
import { passes } from "./filter/evaluate-filter.ts";
import { resolveTopology } from "./resolve.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/origin-names.md"), "utf8");
const rowsUnder = (heading: string): readonly (readonly string[])[] => {
  const [, section = ""] = page.split(`## ${heading}\n`);
  const lines = section.split("\n## ", 1)[0]?.split("\n") ?? [];
  return lines
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()));
};
const topics = rowsUnder("Topics").map(([, origin = "", here = ""]) => ({ origin, here }));
const subscriptions = rowsUnder("Subscriptions").map(([, origin = "", here = "", hears = ""]) => ({
  origin,
  here,
  hears,
}));
const resolved = resolveTopology();

test("the origins' nine topics and Living Twin's five are on the page", () => {
  expect(new Set(topics.map(({ origin }) => origin)).size).toBe(14);
});

test.each(topics)("topic $origin is $here, with dead letters that are heard", ({ here }) => {
  expect(resolved.topics.find(({ name }) => name === here)?.deadLetterTopic).toBe(`${here}-dlq`);
  expect(resolved.subscriptions.map(({ topic }) => topic)).toContain(`${here}-dlq`);
});

const isThere = ({ here }: { readonly here: string }): boolean => here !== "not yet";
const namedHere = (name: string) => resolved.subscriptions.find((subscription) => subscription.name === name);

test.each(subscriptions.filter(isThere))("subscription $origin is $here, and hears $hears", ({ here, hears }) => {
  const { filter } = namedHere(here) ?? { filter: "" };
  const heard = filter === undefined || passes(parseFilter(filter), { event_type: `${hears}.v1` });
  expect([heard, filter === undefined]).toEqual([true, hears === "everything, as it is"]);
});

test.each(subscriptions.filter((row) => !isThere(row)))("$origin is not there yet under any name", ({ origin }) => {
  expect(namedHere(origin)).toBeUndefined();
});

test("the ten agent subscriptions of the origins are on the page", () => {
  expect(subscriptions.filter(({ origin }) => /^\w+-from-(?!all)\w+$/.test(origin))).toHaveLength(10);
});
