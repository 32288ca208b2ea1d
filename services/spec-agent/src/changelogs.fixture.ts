import * as fc from "fast-check";
import { SECTIONS, type Entry } from "./sections.ts";

/** A text, its lines. */
export const page = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

const block = fc.constantFrom<readonly string[]>(
  ["## [Unreleased]"],
  ["## [2.0.0] - Unreleased"],
  ["## [1.2.0] - 2026-01-02"],
  ["## 1.1.0"],
  ["### Added"],
  ["### Fixed", ""],
  ["### Changed", "", "- one", "  more of it"],
  ["### fixed", "* two"],
  ["### Sonstiges"],
  ["- an item", ""],
  ["+ another one"],
  ["Some words."],
  ["```", "## [Unreleased]", "```"],
  ["<!--", "### Added", "-->"],
  ["<!-- ## [Unreleased] -->"],
  ["<!-- no end"],
  ["~~~"],
  ["[unreleased]: https://example.org/compare"],
  ["", ""],
  ["Title", "====="],
  ["# Changelog", ""],
  ["Änderungen 💡"],
);

/** Pages in every form, right and wrong: line ends of both kinds and mixed, with and without byte order mark and final newline. */
export const anyPage = fc
  .record({
    blocks: fc.array(block, { maxLength: 14 }),
    ends: fc.constantFrom<readonly string[]>(["\n"], ["\r\n"], ["\n", "\r\n"]),
    mark: fc.constantFrom("", "\uFEFF"),
    titled: fc.boolean(),
    cut: fc.boolean(),
  })
  .map(({ blocks, ends, mark, titled, cut }) => {
    const lines = [...(titled ? ["# Changelog", ""] : []), ...blocks.flat()];
    const text = lines.map((line, at) => line + (ends[at % ends.length] ?? "\n")).join("");
    return mark + (cut ? text.replace(/\r?\n$/, "") : text);
  });

export const anyEntries: fc.Arbitrary<Entry[]> = fc.array(
  fc.record({
    section: fc.constantFrom(...SECTIONS),
    text: fc.constantFrom("One", "Two (#2)", "auth: three", "# four"),
  }),
  { minLength: 1, maxLength: 4 },
);
