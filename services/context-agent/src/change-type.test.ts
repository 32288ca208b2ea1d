import { CHANGE_TYPES, FILE_KINDS } from "@contextpilot/events";
import * as fc from "fast-check";
import { changeKindOf, type TypedCommit } from "./change-type.ts";

const commit = (over: Partial<TypedCommit>): TypedCommit => ({
  message: "Work",
  files: [{ kind: "code", status: "modified" }],
  lines_added: 10,
  lines_removed: 5,
  is_merge: false,
  ...over,
});

test.each([
  ["feat: add a login page", "feat", false],
  ["feat(api)!: drop v1", "feat", true],
  ["Feature: sign in with a passkey", "feat", false],
  ["bugfix(auth): count the attempts", "fix", false],
  ["fix(core/parser, cli): handle tabs", "fix", false],
  ["docs: explain the score", "docs", false],
  ["deps: bump zod", "build", false],
  ["perf: read once\n\nBREAKING CHANGE: the cache is gone", "perf", true],
  ["refactor: split\n\nBREAKING-CHANGE: other names", "refactor", true],
  ["fixup! feat: add a login page", "feat", false],
  ['Revert "feat: add a login page"\n\nThis reverts commit 1a2b3c4.', "revert", false],
  ["  chore: leading blanks", "chore", false],
])("%j is %s", (message, change_type, breaking) => {
  expect(changeKindOf(commit({ message }))).toEqual({ change_type, breaking });
});

test.each([
  "WIP: half of it",
  "agent(auth): Extract AuthService",
  "http://example.org: down",
  "feat:no space",
  "feat ",
  "",
])("%j follows no convention, so the files say it", (message) => {
  expect(changeKindOf(commit({ message, files: [{ kind: "test" }] })).change_type).toBe("test");
});

test("a breaking change in prose, or after an unknown type, is no footer", () => {
  expect(changeKindOf(commit({ message: "fix: a\n\nthis is no BREAKING CHANGE: really" })).breaking).toBe(false);
  expect(changeKindOf(commit({ message: "wow!: a" })).breaking).toBe(false);
});

test.each<[string, Partial<TypedCommit>, string]>([
  ["no files", { files: [] }, "chore"],
  ["a merge", { is_merge: true }, "chore"],
  ["only pages", { files: [{ kind: "docs" }, { kind: "docs" }] }, "docs"],
  ["tests and a page", { files: [{ kind: "test" }, { kind: "docs" }] }, "test"],
  ["only CI", { files: [{ kind: "ci" }] }, "ci"],
  ["a manifest and its lock file", { files: [{ kind: "dependencies" }, { kind: "generated" }] }, "build"],
  ["settings and an image", { files: [{ kind: "config" }, { kind: "asset" }] }, "chore"],
  ["a new code file", { files: [{ kind: "code", status: "added" }, { kind: "test" }] }, "feat"],
  [
    "a new page beside code",
    {
      files: [
        { kind: "docs", status: "added" },
        { kind: "code", status: "modified" },
      ],
    },
    "fix",
  ],
  ["less code than before", { lines_added: 20, lines_removed: 90 }, "refactor"],
  ["a rename", { files: [{ kind: "code", status: "renamed" }], lines_added: 0, lines_removed: 0 }, "refactor"],
  ["few lines in what exists", { lines_added: 20, lines_removed: 10 }, "fix"],
  ["many lines in what exists", { lines_added: 150, lines_removed: 30 }, "feat"],
  ["only a path is known", { files: [{ kind: "code" }], lines_added: 0, lines_removed: 0 }, "chore"],
])("without the convention, %s", (_what, over, change_type) => {
  expect(changeKindOf(commit(over)).change_type).toBe(change_type);
});

const HOSTILE = [
  "-references-",
  "-__proto__-",
  "BREAKING CHANGE:",
  'Revert "',
  "fix: ",
  "!",
  "(",
  "#1",
  "@a",
  "gpg: ",
  "\n",
  "\r",
  "\u2028",
  " ",
  "a",
];

test("no message makes it throw, and each commit has a type", () => {
  const message = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...HOSTILE), { maxLength: 60 }).map((parts) => parts.join("")),
  );
  const files = fc.array(fc.record({ kind: fc.constantFrom(...FILE_KINDS) }));
  fc.assert(
    fc.property(message, files, (message, files) =>
      CHANGE_TYPES.includes(changeKindOf(commit({ message, files })).change_type),
    ),
  );
});

test("a message of megabytes costs little", () => {
  const started = process.cpuUsage();
  for (const part of [...HOSTILE, "feat(", "fixup! ", "BREAKING CHANGE"])
    changeKindOf(commit({ message: part.repeat(100_000) }));
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
});
