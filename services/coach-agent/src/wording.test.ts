import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { churn, command, functionName, shown } from "./wording.ts";

test.each([
  ["src/auth.py", "src/auth.py"],
  ["a\u0000\n\u202Eb", "a???b"],
  [`${"long/".repeat(20)}name.ts`, "long/long/long/l…g/long/long/long/long/long/long/name.ts"],
])("%j is shown as %j", (path, place) => {
  expect(shown(path)).toBe(place);
});

test("what is shown is no longer than allowed, never half a character, and nothing invisible", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.integer({ min: 10, max: 60 }), (path, longest) => {
      const place = shown(path, longest);
      return Array.from(place).length <= longest && place.isWellFormed() && !/\p{C}/u.test(place);
    }),
  );
});

test("a shell takes each word of a command as it was", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", " ", "'", '"', "$", "`", "\\", "*", "é", ";", "~", "-"),
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const said = execFileSync("sh", ["-c", `printf '%s\\n' ${command(...words) ?? ""}`], { encoding: "utf8" });
      expect(said).toBe(words.map((each) => `${each}\n`).join(""));
    }),
    { numRuns: 30 },
  );
});

test("there is no command for what one cannot type", () => {
  expect(command("git", "show", "a\nb")).toBeUndefined();
  expect(command("git", "show", "long/".repeat(50))).toBeUndefined();
});

test.each([
  [150, 30, "180 lines (150 added, 30 removed)"],
  [44, 0, "44 lines, all added"],
  [0, 7, "7 lines, all removed"],
  [1, 0, "1 line"],
])("%d added and %d removed are %j", (added, removed, words) => {
  expect(churn(added, removed)).toBe(words);
});

test.each([
  ["def login(self, user):", "`def login(self, user)`"],
  ["export function total(list: Item[]): number {", "`export function total(list: Item[]): number`"],
])("%j is called %s", (heading, name) => {
  expect(functionName(heading)).toBe(name);
});

test("a text is cut by the units that a schema counts, and never in the middle of a character", () => {
  const emoji = "🦊".repeat(200);
  for (const longest of [20, 21, 80, 81]) {
    const cut = shown(emoji, longest);
    expect(cut.length).toBeLessThanOrEqual(longest);
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).toContain("…");
  }
});
