import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CLASS_OF_CODE } from "./error.ts";
import { SKIP_REASONS, acknowledgementOf, type Outcome } from "./outcome.ts";

// docs/lifecycle.md and the code must agree; each test says on what.

const packages = join(import.meta.dirname, "../..");
const page = readFileSync(join(packages, "../docs/lifecycle.md"), "utf8");

/** Where the page says this, the code is a service's own. */
const HANDLER = "a handler";

/** `messaging/receive.ts` as the page names it. */
const source = (name: string): string => join(packages, name.replace("/", "/src/"));
const matches = (text: string, pattern: RegExp): readonly string[][] =>
  [...text.matchAll(pattern)].map(([, ...groups]) => groups);

const drawing = /```\n([^`]*)```/.exec(page)?.[1] ?? "";
const steps = matches(drawing, /^ +(\d+) (\w+)/gm).map(([number, name]) => `${number} ${name}`);

interface Exit {
  readonly step: string;
  readonly exit: string;
  readonly class: string;
  readonly file: string;
}
const tables = page.split("\n\n").filter((block) => block.startsWith("|"));
const cellsOf = (row: string): readonly string[] =>
  row
    .replaceAll("`", "")
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of the table whose first column has this title, without title and rule. */
function table(title: string): readonly (readonly string[])[] {
  const rows = tables.map((block) => block.trimEnd().split("\n").map(cellsOf));
  return rows.find(([titles]) => titles?.[0] === title)?.slice(2) ?? [];
}
const exits: readonly Exit[] = table("step").map(([step = "", exit = "", kind = "", , file = ""]) => ({
  step,
  exit,
  class: kind,
  file,
}));
const byName = (a: string, b: string): number => a.localeCompare(b);
const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort(byName);

test("the page draws ten steps, in order", () => {
  expect(steps.map((step) => Number.parseInt(step, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test.each([
  ["receive.ts", steps.slice(2, 9)],
  ["decide.ts", steps.slice(6, 9)],
])("the comments of %s name the steps as the page does", (file, expected) => {
  const comments = matches(readFileSync(join(import.meta.dirname, file), "utf8"), /\/\/ (\d+ .*)$/gm).flat();
  expect(comments.flatMap((comment) => comment.split(", "))).toEqual(expected);
});

test.each(exits)("$exit leaves at a step that is drawn, in a file that is there: $file", ({ step, file }) => {
  expect(steps).toContain(step);
  expect(file === HANDLER || existsSync(source(file))).toBe(true);
});

test("the exits stand in the order of the steps", () => {
  const order = exits.map(({ step }) => steps.indexOf(step));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test("every error code has an exit of its class, and no other code has one", () => {
  const coded = exits.filter(({ class: kind }) => !["refused", "skipped"].includes(kind));
  const onPage = coded.map(({ exit, class: kind }) => `${exit} ${kind}`);
  const inCode = Object.entries(CLASS_OF_CODE).map(([code, kind]) => `${code} ${kind}`);
  expect(unique(onPage)).toEqual(unique(inCode));
});

test("every skip reason has an exit, and no other reason has one", () => {
  const skipped = exits.filter(({ class: kind }) => kind === "skipped");
  expect(skipped.map(({ exit }) => exit).sort(byName)).toEqual(SKIP_REASONS.toSorted(byName));
  const elsewhere = skipped.filter(({ exit, file }) => !readFileSync(source(file), "utf8").includes(`"${exit}"`));
  expect(elsewhere).toEqual([]);
});

test("each error is thrown where the page says, and nowhere else", () => {
  const thrown = ["messaging", "agent-host"].flatMap((name) =>
    readdirSync(join(packages, name, "src"))
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .flatMap((file) => {
        const text = readFileSync(join(packages, name, "src", file), "utf8");
        const codes = matches(text, /MessageError(?:\.permanent|\.retryable)?\(\s*"([\w-]+)"/g).flat();
        return codes.map((code) => `${name}/${file} ${code}`);
      }),
  );
  const onPage = exits.flatMap(({ exit, file }) => (exit in CLASS_OF_CODE ? [`${file} ${exit}`] : []));
  expect(unique(onPage.filter((place) => !place.startsWith(HANDLER)))).toEqual(unique(thrown));
});

test("every class of exit is explained, and no other", () => {
  const explained = table("class").map(([kind = ""]) => kind);
  expect(explained.toSorted(byName)).toEqual(unique(exits.map(({ class: kind }) => kind)));
});

test("every outcome is answered as the page says", () => {
  const kinds: Readonly<Record<Outcome["kind"], true>> = {
    handled: true,
    taken: true,
    skipped: true,
    retry: true,
    "dead-lettered": true,
  };
  const answers = Object.keys(kinds).map((kind) => {
    const told = acknowledgementOf({ kind } as Outcome);
    return `${kind} ${told === "ack" ? 204 : 503} ${told}`;
  });
  const onPage = table("outcome").map((row) => row.slice(0, 3).join(" "));
  expect(unique(onPage)).toEqual(unique(answers));
});
