import { type Heading, type Line, headingsOf, isBlank, isLinkDefinition, itemOf, pageOf } from "./markdown-lines.ts";
import { sectionNamed, type Section } from "./sections.ts";

/** Lines under a heading, up to the next one of its level or above. */
export interface Part {
  /** The heading's line. */
  readonly at: number;
  /** The last line that says something; the heading's own where none does. Blank lines and definitions of links at the end do not. */
  readonly last: number;
  /** The first line behind it; the number of lines where it goes to the end. */
  readonly end: number;
}

/** A page in Keep a Changelog's form, as far as it was read. */
export interface Changelog {
  readonly text: string;
  readonly lines: readonly Line[];
  readonly unreleased:
    | (Part & { readonly sections: readonly (Part & { readonly section: Section | undefined })[] })
    | undefined;
  /** The newest release. */
  readonly release: Part | undefined;
  /** What its lists' items begin with. */
  readonly bullet: string;
  /** The end of its lines. */
  readonly newline: string;
  /** Between a section's heading and its list stands a blank line. */
  readonly spaced: boolean;
  /** Releases stand in brackets. */
  readonly bracketed: boolean;
}

export type ReadChangelog = { readonly kind: "changelog"; readonly changelog: Changelog } | Refusal;
/** Why a page is left as it is, in words that go on after its name: `has …`. */
export interface Refusal {
  readonly kind: "refused";
  readonly why: string;
}

/** Reads a page, or its first part (`truncated`), or says why it is not one to add a line to. Never throws. */
export function readChangelog(text: string, truncated: boolean): ReadChangelog {
  const { lines, unclosed } = pageOf(text);
  const headings = headingsOf(lines);
  const why =
    unclosed && !truncated ? "has a comment or a block of code that does not end" : otherForm(lines, headings);
  if (why !== undefined) return { kind: "refused", why };

  const releases = headings.filter(({ level }) => level === 2);
  const unreleased = releases.find(isUnreleased);
  const release = releases.find((heading) => heading !== unreleased);
  const items = lines.map(itemOf);
  const section = headings.find(({ level, at }) => level === 3 && at + 1 < lines.length);
  const part = (heading: Heading) => partOf(lines, headings, heading);
  return {
    kind: "changelog",
    changelog: {
      text,
      lines,
      unreleased: unreleased && {
        ...part(unreleased),
        sections: sectionsOf(headings, unreleased).map((heading) => ({
          ...part(heading),
          section: sectionNamed(heading.title),
        })),
      },
      release: release && part(release),
      bullet: (items.slice(unreleased?.at).find(Boolean) ?? items.find(Boolean))?.bullet ?? "-",
      newline: lines[0]?.end || "\n",
      spaced: section === undefined || items[section.at + 1] === undefined,
      bracketed: release === undefined || release.title.startsWith("["),
    },
  };
}

/** A page's newest release, as its heading says: `## [1.0.0] - 2026-01-31`. */
export interface Release {
  /** Its number; the whole heading where it has none. */
  readonly name: string;
  readonly day: string | undefined;
}

/** Undefined where there is none, or no page, or one in another form. */
export function newestRelease(
  page: { readonly text?: string | undefined; readonly truncated: boolean } | undefined,
): Release | undefined {
  if (page?.text === undefined) return undefined;
  const read = readChangelog(page.text, page.truncated);
  const at = read.kind === "refused" ? undefined : read.changelog.release?.at;
  if (read.kind === "refused" || at === undefined) return undefined;
  const heading = read.changelog.lines[at]?.text.slice(0, 200) ?? "";
  const day = /\b\d{4}-\d{2}-\d{2}\b/.exec(heading)?.[0];
  return { name: /\d+(?:\.\d+)+[\w.+-]*/.exec(heading)?.[0] ?? heading, day };
}

/** `[Unreleased]`, `Unreleased`, `[2.0.0] - Unreleased`. */
function isUnreleased({ title }: Heading): boolean {
  return /\bunreleased\b/i.test(title);
}

/** A version or a date. */
function isRelease({ title }: Heading): boolean {
  return /\d+[.-]\d+/.test(title);
}

function otherForm(lines: readonly Line[], headings: readonly Heading[]): string | undefined {
  const [first, ...others] = headings.filter(({ level }) => level === 1);
  const releases = headings.filter(({ level }) => level === 2);
  const underlined = releases.find((heading) => heading.underlined);
  if (underlined) return `has underlined headings (${quoted(underlined)}), not "## [Unreleased]"`;
  if (first && (others.length > 0 || isUnreleased(first) || isRelease(first))) {
    return `has its releases under headings of the first level (${quoted(others[0] ?? first)}), not of the second`;
  }
  const [newest] = releases;
  const unreleased = releases.find(isUnreleased);
  if (newest === undefined) {
    return lines.some((line) => itemOf(line)) ? "has a list and no heading of a release" : undefined;
  }
  if (!unreleased && !isRelease(newest)) {
    return `begins with ${quoted(newest)}, which is neither Unreleased nor a release's number or date`;
  }
  const sections = headings.filter(({ level }) => level === 3);
  const ofUnreleased = unreleased ? sectionsOf(headings, unreleased) : [];
  const telling = ofUnreleased.length > 0 ? ofUnreleased : sections;
  if (telling.length > 0 && !telling.some(({ title }) => sectionNamed(title))) {
    const names = [...new Set(telling.map(quoted))].slice(0, 3).join(", ");
    return `has sections with other names (${names}), not Added, Changed or Fixed`;
  }
  const listed = lines.slice(newest.at).some((line) => itemOf(line));
  return sections.length === 0 && listed
    ? "has its changes under no sections, not under Added, Changed or Fixed"
    : undefined;
}

function sectionsOf(headings: readonly Heading[], release: Heading): Heading[] {
  const behind = headings.filter(({ at }) => at > release.at);
  const next = behind.findIndex(({ level }) => level <= release.level);
  return (next < 0 ? behind : behind.slice(0, next)).filter(({ level }) => level === 3);
}

function partOf(lines: readonly Line[], headings: readonly Heading[], heading: Heading): Part {
  const end = headings.find(({ at, level }) => at > heading.at && level <= heading.level)?.at ?? lines.length;
  return { at: heading.at, last: lastSaying(lines, heading.at, end), end };
}

/** The last line before `end` that says something, not before `from`. */
export function lastSaying(lines: readonly Line[], from: number, end: number): number {
  const last = lines.slice(0, end).findLastIndex((line) => !isBlank(line) && !isLinkDefinition(line));
  return Math.max(from, last);
}

/** A heading for reading. */
function quoted({ title }: Heading): string {
  const shown = title.replaceAll(/\p{C}/gu, "?");
  return `"${shown.length > 40 ? `${shown.slice(0, 39)}…` : shown}"`;
}
