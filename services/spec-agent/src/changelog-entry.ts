import { CHANGELOG_PATH, silenceOver, type DataOf } from "@contextpilot/events";
import { CommitParser } from "conventional-commits-parser";
import type { Entry, Section } from "./sections.ts";

type Commit = DataOf<"git.commit.v1">;

/** What a commit gives a changelog to say, or why nothing. */
export type Worth = { readonly entry: Entry } | { readonly none: string };

/** What users of the code notice, by the types of Conventional Commits 1.0. A breaking change of any type is a change. */
const SECTION_OF: Readonly<Record<string, Section>> = {
  feat: "Added",
  feature: "Added",
  fix: "Fixed",
  bugfix: "Fixed",
  hotfix: "Fixed",
  perf: "Changed",
};

/** What stands in brackets behind the type where only those who work on the code notice. */
const INTERNAL_SCOPES: ReadonlySet<string> = new Set([
  "ci",
  "test",
  "tests",
  "docs",
  "build",
  "dev",
  "deps",
  "deps-dev",
  "internal",
]);

/** Words of a subject that say: nothing behaves otherwise. */
const INTERNAL_WORDS =
  /\b(?:typos?|misspell\w*|spelling|lint (?:errors?|warnings?|issues?)|code style|(?:unit|failing|flaky|broken) tests?|in (?:a |the )?comments?)\b/i;

/** Longer first lines follow no convention; what is behind this is not read. */
const HEADER_CHARACTERS = 1000;
const ENTRY_CHARACTERS = 200;

const parser = new CommitParser({
  headerPattern: /^(\w+)(?:\(([^()]*)\))?!?:\s+(.+)$/,
  headerCorrespondence: ["type", "scope", "subject"],
  breakingHeaderPattern: /^(\w+)(?:\(([^()]*)\))?!:\s+(.+)$/,
});

/**
 * The line that a commit deserves in a changelog, with its section: docs/changelog-proposals.md has the table. Merges deserve
 * none, for their commits are looked at one by one; nor does what an agent made, imported history, and a commit that changes
 * the changelog itself: its author has said what there was to say. Never throws, whatever the message holds.
 */
export function entryOf(commit: Commit): Worth {
  const silence = silenceOver(commit);
  if (silence !== undefined) return { none: silence };
  if (commit.is_merge) return { none: "a merge: its commits speak for themselves" };
  if (commit.files_changed.some((path) => CHANGELOG_PATH.test(path)))
    return { none: "it changes the changelog itself" };

  const [header = ""] = commit.message.slice(0, HEADER_CHARACTERS).trimStart().split("\n", 1);
  // The parser gets the header alone: a body may hold lines that it takes for its own fields and fails at (`-references-`).
  const { type, scope, subject, notes } = parser.parse(header.trim() || "none");
  if (!type || !subject) return { none: "its subject is no conventional commit's" };
  // Conventional Commits 1.0, points 11-12 and 15-16: in capitals, at the beginning of a line.
  const breaking = notes.length > 0 || /^BREAKING[ -]CHANGE: /m.test(commit.message);
  const known = Object.hasOwn(SECTION_OF, type.toLowerCase()) ? SECTION_OF[type.toLowerCase()] : undefined;
  const section = breaking ? "Changed" : known;
  if (section === undefined) return { none: `users do not notice a commit of type ${shown(type)}` };
  if (!breaking && scope && INTERNAL_SCOPES.has(scope.toLowerCase())) {
    return { none: `users do not notice a commit to ${scope.toLowerCase()}` };
  }
  if (!breaking && section === "Fixed" && INTERNAL_WORDS.test(subject))
    return { none: "users do not notice such a fix" };
  return { entry: { section, text: lineOf(subject, scope ?? undefined, breaking) } };
}

function lineOf(subject: string, scope: string | undefined, breaking: boolean): string {
  const words = scope ? `${scope.trim()}: ${subject.trim()}` : sentenceCase(subject.trim());
  const line = inMarkdown(`${breaking ? "**Breaking:** " : ""}${shown(words)}`);
  const characters = Array.from(line);
  return characters.length <= ENTRY_CHARACTERS ? line : `${characters.slice(0, ENTRY_CHARACTERS - 1).join("")}…`;
}

/** A first word of plain lower-case letters gets a capital; an identifier keeps its own. */
function sentenceCase(text: string): string {
  return /^\p{Ll}+(?:\s|$)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** Nothing invisible in it: control characters, and what turns the direction of writing. */
function shown(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}

/** Outside of code `<` would begin HTML: a comment that never ends hides the rest of the page. */
function inMarkdown(text: string): string {
  return text.replaceAll(/`[^`]*`|</g, (match) => (match === "<" ? "\\<" : match));
}
