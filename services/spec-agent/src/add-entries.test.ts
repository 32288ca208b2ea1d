import * as fc from "fast-check";
import { addEntries } from "./add-entries.ts";
import { anyEntries, anyPage, page } from "./changelogs.fixture.ts";
import type { Entry } from "./sections.ts";

const added: Entry = { section: "Added", text: "Pay in instalments" };
const fixed: Entry = { section: "Fixed", text: "cart: no negative amounts" };

const whole = (text: string) => ({ text, truncated: false });

function textOf(before: string | undefined, ...entries: readonly Entry[]): string {
  const result = addEntries(before === undefined ? undefined : whole(before), entries);
  return result.kind === "added" ? result.text : `refused: ${result.why}`;
}

test.each<[string, string, readonly Entry[], string]>([
  [
    "at the end of its section",
    page("# Changelog", "", "## [Unreleased]", "", "### Added", "", "- One", "", "## [1.0.0] - 2026-01-01"),
    [added],
    page(
      "# Changelog",
      "",
      "## [Unreleased]",
      "",
      "### Added",
      "",
      "- One",
      "- Pay in instalments",
      "",
      "## [1.0.0] - 2026-01-01",
    ),
  ],
  [
    "into a section that is empty",
    page("## [Unreleased]", "", "### Added", "", "### Fixed", "", "- One"),
    [added],
    page("## [Unreleased]", "", "### Added", "", "- Pay in instalments", "", "### Fixed", "", "- One"),
  ],
  [
    "into a section that is empty, right before the next",
    page("## [Unreleased]", "### Added", "### Fixed", "- One"),
    [added, fixed],
    page(
      "## [Unreleased]",
      "### Added",
      "",
      "- Pay in instalments",
      "",
      "### Fixed",
      "- One",
      "- cart: no negative amounts",
    ),
  ],
  [
    "with a section where there is none",
    page("# Changelog", "", "## [Unreleased]", "", "## [1.0.0] - 2026-01-01", "", "### Added", "", "- One"),
    [fixed],
    page(
      "# Changelog",
      "",
      "## [Unreleased]",
      "",
      "### Fixed",
      "",
      "- cart: no negative amounts",
      "",
      "## [1.0.0] - 2026-01-01",
      "",
      "### Added",
      "",
      "- One",
    ),
  ],
  [
    "with a section in its place among the others",
    page("## [Unreleased]", "", "### Added", "", "- One", "", "### Security", "", "- Two"),
    [fixed],
    page(
      "## [Unreleased]",
      "",
      "### Added",
      "",
      "- One",
      "",
      "### Fixed",
      "",
      "- cart: no negative amounts",
      "",
      "### Security",
      "",
      "- Two",
    ),
  ],
  [
    "with a section before the first of the later ones",
    page("## [Unreleased]", "", "In this release:", "", "### Fixed", "", "- One"),
    [added],
    page(
      "## [Unreleased]",
      "",
      "In this release:",
      "",
      "### Added",
      "",
      "- Pay in instalments",
      "",
      "### Fixed",
      "",
      "- One",
    ),
  ],
  [
    "with the heading before the newest release",
    page("# Changelog", "", "All notable changes.", "", "## [1.0.0] - 2026-01-01", "", "### Added", "", "- One"),
    [added, fixed],
    page(
      "# Changelog",
      "",
      "All notable changes.",
      "",
      "## [Unreleased]",
      "",
      "### Added",
      "",
      "- Pay in instalments",
      "",
      "### Fixed",
      "",
      "- cart: no negative amounts",
      "",
      "## [1.0.0] - 2026-01-01",
      "",
      "### Added",
      "",
      "- One",
    ),
  ],
  [
    "with the page's own bullets, spacing and way of naming releases",
    page("# Changelog", "", "## 1.0.0", "### Added", "* One"),
    [added],
    page(
      "# Changelog",
      "",
      "## Unreleased",
      "",
      "### Added",
      "* Pay in instalments",
      "",
      "## 1.0.0",
      "### Added",
      "* One",
    ),
  ],
  [
    "before the links at the page's end",
    page("# Changelog", "", "## [Unreleased]", "", "### Added", "", "- One", "", "[unreleased]: https://example.org"),
    [added],
    page(
      "# Changelog",
      "",
      "## [Unreleased]",
      "",
      "### Added",
      "",
      "- One",
      "- Pay in instalments",
      "",
      "[unreleased]: https://example.org",
    ),
  ],
  [
    "under a release that is not out yet",
    page("## [2.0.0] - Unreleased", "", "### Added", "", "- One", "", "## [1.0.0] - 2026-01-01"),
    [added],
    page(
      "## [2.0.0] - Unreleased",
      "",
      "### Added",
      "",
      "- One",
      "- Pay in instalments",
      "",
      "## [1.0.0] - 2026-01-01",
    ),
  ],
  [
    "not where a fence or a comment shows headings",
    page(
      "# Changelog",
      "```",
      "## [Unreleased]",
      "```",
      "<!--",
      "## [Unreleased]",
      "-->",
      "## [1.0.0]",
      "### Added",
      "- One",
    ),
    [added],
    page(
      "# Changelog",
      "```",
      "## [Unreleased]",
      "```",
      "<!--",
      "## [Unreleased]",
      "-->",
      "## [Unreleased]",
      "",
      "### Added",
      "- Pay in instalments",
      "",
      "## [1.0.0]",
      "### Added",
      "- One",
    ),
  ],
  [
    "with the heading under a title that stands alone",
    page("Change Log", "==========", "", "By hand."),
    [added],
    page(
      "Change Log",
      "==========",
      "",
      "By hand.",
      "",
      "## [Unreleased]",
      "",
      "### Added",
      "",
      "- Pay in instalments",
    ),
  ],
])("a line is added %s", (_where, before, entries, after) => {
  expect(textOf(before, ...entries)).toBe(after);
});

test("a page that is missing or empty begins with a title", () => {
  const begun = textOf(undefined, added);
  expect(begun).toMatch(
    /^# Changelog\n\n.*Keep a Changelog.*\n\n## \[Unreleased\]\n\n### Added\n\n- Pay in instalments\n$/,
  );
  expect(textOf("", added)).toBe(begun);
  expect(textOf("\uFEFF", added)).toBe(`\uFEFF${begun}`);
  expect(textOf("\r\n", added)).toBe(`\r\n${begun.replaceAll("\n", "\r\n")}`);
});

test("CRLF, a byte order mark and a missing final newline stay as they are", () => {
  const before = "\uFEFF## [Unreleased]\r\n\r\n### Added\r\n\r\n- One";
  expect(textOf(before, added)).toBe(`${before}\r\n- Pay in instalments`);
  const released = "\uFEFF## [1.0.0]\r\n### Added\r\n- One\r\n";
  expect(textOf(released, added)).toBe(
    `\uFEFF## [Unreleased]\r\n\r\n### Added\r\n- Pay in instalments\r\n\r\n${released.slice(1)}`,
  );
});

test.each([
  "- pay in  instalments.",
  "- Pay in instalments (#12)",
  "* Pay in instalments ([#12](https://example.org/12)).",
])("what stands under Unreleased as %j is not added again", (line) => {
  const before = page("## [Unreleased]", "### Added", line);
  expect(addEntries(whole(before), [added])).toEqual({ kind: "added", text: before, added: [] });
});

test("what stands in the newest release is not added again, what stands in an older one is", () => {
  const before = page("## [1.1.0]", "### Added", "- Pay in instalments", "## [1.0.0]", "### Fixed", `- ${fixed.text}`);
  expect(addEntries(whole(before), [added, fixed])).toMatchObject({ added: [fixed] });
});

test.each<[string, string, string]>([
  [
    "another tool's sections",
    page("## [1.1.0](x) (2026-01-01)", "### Bug Fixes", "* one"),
    'has sections with other names ("Bug Fixes")',
  ],
  [
    "another language's sections",
    page("# Änderungen", "## [Unreleased]", "### Hinzugefügt", "- eins"),
    'other names ("Hinzugefügt")',
  ],
  [
    "another language's Unreleased",
    page("## [Não publicado]", "### Added", "- um"),
    'begins with "[Não publicado]", which is neither',
  ],
  [
    "underlined releases",
    page("1.0.0 / 2026-01-01", "------------------", "- one"),
    'underlined headings ("1.0.0 / 2026-01-01")',
  ],
  ["releases of the first level", page("# 1.1.0", "- one", "# 1.0.0", "- two"), 'first level ("1.0.0")'],
  ["Unreleased of the first level", page("# Unreleased", "## Added", "- one"), 'first level ("Unreleased")'],
  ["a list without sections", page("# Changes", "## 1.0.0", "- one"), "under no sections"],
  ["a list without releases", page("# Changes", "- one"), "a list and no heading"],
  [
    "a comment without an end",
    page("# Changelog", "<!-- soon", "## [Unreleased]"),
    "a comment or a block of code that does not end",
  ],
  ["prose", page("# News", "## What we did last summer", "Much."), '"What we did last summer"'],
])("a page with %s is left alone, and said why", (_form, before, why) => {
  expect(addEntries(whole(before), [added])).toEqual({ kind: "refused", why: expect.stringContaining(why) });
});

const cut = (...lines: readonly string[]) => addEntries({ text: page(...lines), truncated: true }, [added]);

describe("of a page that goes on behind what was read", () => {
  test("the part that is known takes the line", () =>
    expect(cut("## [Unreleased]", "### Added", "- One", "", "## [1.0.0]", "```")).toMatchObject({ kind: "added" }));

  test.each([
    ["the Unreleased section", ["## [Unreleased]", "### Added", "- One"]],
    ["the words before the first release", ["# Changelog", "", "Very many words."]],
  ])("%s may go on as well: it is left alone", (_what, lines) =>
    expect(cut(...lines)).toEqual({ kind: "refused", why: expect.stringContaining("64 KiB") }),
  );
});

test("whatever the page: lines are only inserted, each entry once, and no second time", () => {
  fc.assert(
    fc.property(anyPage, anyEntries, (before, entries) => {
      const once = addEntries(whole(before), entries);
      if (once.kind === "refused") return;
      expect(isSubsequence(before, once.text)).toBe(true);
      for (const { text } of once.added) {
        expect(once.text.split(/\r?\n/).filter((line) => line.slice(2) === text)).toHaveLength(1);
      }
      expect(addEntries(whole(once.text), entries)).toEqual({ kind: "added", text: once.text, added: [] });
      const ends = endsOf(before);
      expect(endsOf(once.text).filter((end) => ends.length > 0 && !ends.includes(end))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("whatever bytes the page has, it takes the lines or is left alone with a reason, and soon", () => {
  const kinds = new Set<string>();
  const damage = fc.record({ at: fc.nat(), remove: fc.nat(9), insert: fc.uint8Array({ maxLength: 6 }) });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(anyPage, damage).map(([text, { at, remove, insert }]) => {
      const before = Buffer.from(text);
      const place = at % (before.length + 1);
      return Buffer.concat([before.subarray(0, place), insert, before.subarray(place + remove)]);
    }),
  );
  fc.assert(
    fc.property(bytes, fc.boolean(), anyEntries, (before, truncated, entries) => {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(before);
      const started = process.cpuUsage();
      const result = addEntries({ text, truncated }, entries);
      expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
      kinds.add(result.kind);
      const good = result.kind === "refused" ? /^[^\p{C}]+$/u.test(result.why) : isSubsequence(text, result.text);
      expect(good).toBe(true);
    }),
    { numRuns: 2000 },
  );
  // Else all pages were of one kind, and little was tried.
  expect(kinds.size).toBe(2);
});

test("a page of 64 KiB costs little", () => {
  const hostile = ["(#1)", " ", ".", "<!--", "- ", "#", "[a]:", "`", "\n", "\r\n", "## 1.0\n", "-\n"];
  const started = process.cpuUsage();
  for (const part of hostile) {
    for (const before of ["", "# ", "## [Unreleased]\n- "])
      addEntries(whole(`${before}${part.repeat(65_536 / part.length)}x`), [added]);
  }
  expect(process.cpuUsage(started).user).toBeLessThan(2_000_000); // µs
});

/** Whether the longer text has all lines of the shorter one, in their order and with their ends. */
function isSubsequence(shorter: string, longer: string): boolean {
  let at = 0;
  for (const character of longer) if (shorter.startsWith(character, at)) at += character.length;
  return at === shorter.length;
}

const endsOf = (text: string): readonly string[] => [...new Set(text.match(/\r?\n/g))];
