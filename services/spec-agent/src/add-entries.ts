import { itemOf } from "./markdown-lines.ts";
import { lastSaying, readChangelog, type Changelog, type Part, type Refusal } from "./read-changelog.ts";
import { SECTIONS, saysTheSame, type Entry, type Section } from "./sections.ts";

/** The page with the entries that it did not have yet; `added` is empty, and the text as it was, where it had them all. */
export type Added<E extends Entry> =
  | { readonly kind: "added"; readonly text: string; readonly added: readonly E[] }
  | Refusal;

/** What a project without a changelog, or with an empty one, begins with. */
const NEW_PAGE = `# Changelog

What changes for those who use this project. The format is [Keep a Changelog](https://keepachangelog.com/en/1.1.0/)'s.

## [Unreleased]
`;

/**
 * Adds entries under Unreleased, each in its section and once: what stands under Unreleased or in the newest release already is
 * not added again. Only inserts; every byte that was there stays, and new lines end as the page's own do. Never throws.
 *
 * @param page the page's text; undefined where there is no page yet
 * @param truncated the page goes on behind `text`
 */
export function addEntries<E extends Entry>(
  page: { readonly text: string; readonly truncated: boolean } | undefined,
  entries: readonly E[],
): Added<E> {
  const truncated = page?.truncated ?? false;
  const begun = beginning(page?.text ?? "");
  let read = readChangelog(begun, truncated);
  if (read.kind === "refused") return read;
  const present = itemsIn(read.changelog);
  const missing = entries.filter(
    (entry, index) =>
      !present.some((text) => saysTheSame(text, entry.text)) &&
      !entries.slice(0, index).some((earlier) => saysTheSame(earlier.text, entry.text)),
  );
  if (missing.length === 0) return { kind: "added", text: page?.text ?? "", added: [] };

  for (const section of SECTIONS) {
    const texts = missing.filter((entry) => entry.section === section).map(({ text }) => text);
    if (texts.length === 0) continue;
    const insertion = insertionOf(read.changelog, section, texts);
    // What is behind the part that was read is not known; and git takes a patch without lines behind it for one of the file's end.
    if (truncated && insertion.after >= read.changelog.lines.length - 1) {
      return { kind: "refused", why: "goes on past its first 64 KiB before its Unreleased section ends" };
    }
    read = readChangelog(inserted(read.changelog, insertion), truncated);
    if (read.kind === "refused") return read;
  }
  return { kind: "added", text: read.changelog.text, added: missing };
}

/** A page of nothing but blanks (a byte order mark is one) begins anew. */
function beginning(text: string): string {
  if (text.trim() !== "") return text;
  const begun = /[^\n\uFEFF]$/.test(text) ? `\n${NEW_PAGE}` : NEW_PAGE;
  return text + (text.includes("\r\n") ? begun.replaceAll("\n", "\r\n") : begun);
}

/** A longer item is none of ours. */
const ITEM_CHARACTERS = 1000;

function itemsIn({ lines, unreleased, release }: Changelog): string[] {
  const listed = (part: Part | undefined) => (part ? lines.slice(part.at, part.end) : []);
  const texts = [...listed(unreleased), ...listed(release)].flatMap((line) => itemOf(line)?.text ?? []);
  return texts.filter((text) => text.length <= ITEM_CHARACTERS);
}

interface Insertion {
  /** The line behind which the new ones stand; -1 for the beginning. */
  readonly after: number;
  readonly lines: readonly string[];
}

function insertionOf(changelog: Changelog, section: Section, texts: readonly string[]): Insertion {
  const { lines, unreleased, release, bullet, spaced, bracketed } = changelog;
  const items = texts.map((text) => `${bullet} ${text}`);
  const gap = spaced ? [""] : [];
  const whole = [`### ${section}`, ...gap, ...items];

  if (unreleased === undefined) {
    const heading = bracketed ? "## [Unreleased]" : "## Unreleased";
    if (release !== undefined) return { after: release.at - 1, lines: [heading, "", ...whole, ""] };
    return { after: lastSaying(lines, -1, lines.length), lines: ["", heading, "", ...whole] };
  }
  const own = unreleased.sections.find((part) => part.section === section);
  if (own !== undefined) {
    return own.last > own.at ? { after: own.last, lines: items } : apart(lines, own.at, [...gap, ...items]);
  }
  return apart(lines, placeOf(unreleased, section, lines), ["", ...whole]);
}

/** Behind the sections that come before it; else before the first of those that come after it. */
function placeOf(
  { at, end, last, sections }: NonNullable<Changelog["unreleased"]>,
  section: Section,
  lines: Changelog["lines"],
) {
  const rank = SECTIONS.indexOf(section);
  const before = sections.findLast((part) => part.section !== undefined && SECTIONS.indexOf(part.section) < rank);
  if (before) return before.last;
  const [first] = sections;
  return first ? lastSaying(lines, at, first.at) : Math.min(last, end);
}

/** With a blank line between the new ones and a heading or text right behind them. */
function apart(lines: Changelog["lines"], after: number, added: readonly string[]): Insertion {
  const next = lines[after + 1];
  return { after, lines: next === undefined || next.text.trim() === "" ? added : [...added, ""] };
}

function inserted({ text, lines, newline }: Changelog, { after, lines: added }: Insertion): string {
  const line = lines[after];
  if (line?.end === "") return text + added.map((one) => newline + one).join("");
  const end = line?.end ?? newline;
  const at = line ? line.start + line.text.length + line.end.length : (lines[0]?.start ?? text.length);
  return text.slice(0, at) + added.map((one) => one + end).join("") + text.slice(at);
}
