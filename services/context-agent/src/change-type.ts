import type { ChangeType, FileKind } from "@contextpilot/events";
import { CommitParser } from "conventional-commits-parser";

/** What is known of one file when its commit is given a type. */
export interface TypedFile {
  readonly kind: FileKind;
  /** Absent where only the path is known. */
  readonly status?: string;
}

export interface TypedCommit {
  readonly message: string;
  readonly files: readonly TypedFile[];
  readonly lines_added: number;
  readonly lines_removed: number;
  readonly is_merge: boolean;
}

/** What a commit does, and whether it breaks those who use the code. */
export interface ChangeKind {
  readonly change_type: ChangeType;
  readonly breaking: boolean;
}

/** The convention's types, and what people write for them. */
const TYPE_WORDS: ReadonlyMap<string, ChangeType> = new Map(
  Object.entries({
    feat: ["feat", "feature", "features", "add"],
    fix: ["fix", "fixes", "fixed", "bugfix", "hotfix", "bug", "security"],
    perf: ["perf", "performance", "optimize"],
    refactor: ["refactor", "refactoring", "refac", "cleanup", "rename"],
    docs: ["docs", "doc", "documentation"],
    test: ["test", "tests", "testing"],
    build: ["build", "deps", "dep", "dependencies"],
    ci: ["ci"],
    style: ["style", "format", "lint"],
    chore: ["chore", "chores", "release", "meta"],
    revert: ["revert", "reverts"],
  } satisfies Record<ChangeType, string[]>).flatMap(([type, words]) =>
    words.map((word) => [word, type as ChangeType] as const),
  ),
);

/** Longer first lines follow no convention; what is behind this is not read. */
const HEADER_CHARACTERS = 1000;

const parser = new CommitParser({
  headerPattern: /^(\w+)(?:\(([^()]*)\))?!?:\s+(.+)$/,
  breakingHeaderPattern: /^(\w+)(?:\(([^()]*)\))?!:\s+(.+)$/,
});

/**
 * What a commit does. Its subject says it where it follows Conventional Commits 1.0 (`feat(api)!: …`, in common spellings);
 * otherwise its files do, by the table in docs/impact-score.md. Never throws, whatever the message holds.
 */
export function changeKindOf(commit: TypedCommit): ChangeKind {
  const header = headerOf(commit.message);
  const { type, breaking } = readHeader(header);
  const change_type = type ?? (header.startsWith('Revert "') ? "revert" : typeByFiles(commit));
  // Conventional Commits 1.0, points 11-12 and 15-16: in capitals, at the beginning of a line.
  return { change_type, breaking: breaking || /^BREAKING[ -]CHANGE: /m.test(commit.message) };
}

/** The message's first line, without what `git commit --fixup` and `--squash` put before it. */
function headerOf(message: string): string {
  const [first = ""] = message.slice(0, HEADER_CHARACTERS).trimStart().split("\n", 1);
  return first.trim().replace(/^(?:(?:fixup|squash|amend)! )+/, "");
}

/**
 * The parser gets the header alone: a body may hold lines that it takes for its own fields and fails at (`-references-`).
 */
function readHeader(header: string): { type: ChangeType | undefined; breaking: boolean } {
  if (header === "") return { type: undefined, breaking: false };
  const { type, notes } = parser.parse(header);
  const known = TYPE_WORDS.get(type?.toLowerCase() ?? "");
  return { type: known, breaking: known !== undefined && notes.length > 0 };
}

/** A change of at most so many lines to what exists is taken for a fix. */
const FIX_LINES = 30;

const PRODUCT: ReadonlySet<FileKind> = new Set(["code", "security", "migration"]);

function typeByFiles(commit: TypedCommit): ChangeType {
  const { files, lines_added, lines_removed } = commit;
  // Pages go along with anything.
  const telling = files.filter((file) => file.kind !== "docs");
  const product = telling.filter((file) => PRODUCT.has(file.kind));
  const all = (...kinds: FileKind[]) => telling.every((file) => kinds.includes(file.kind));

  if (files.length === 0 || commit.is_merge) return "chore";
  if (telling.length === 0) return "docs";
  if (product.length === 0) {
    if (all("test")) return "test";
    if (all("ci")) return "ci";
    return all("dependencies", "generated") ? "build" : "chore";
  }
  if (product.some((file) => file.status === "added")) return "feat";
  if (product.every((file) => file.status === undefined) && lines_added + lines_removed === 0) return "chore";
  if (lines_removed >= lines_added) return "refactor";
  return lines_added + lines_removed <= FIX_LINES ? "fix" : "feat";
}
