import { contextUpdate } from "@contextpilot/events";
import { measure } from "./measurement.ts";
import { changeOf, commitOf } from "./commits.fixture.ts";

test("a commit is measured file by file", () => {
  const measured = measure(
    commitOf({
      message: "refactor(auth)!: split the service\n\nIt had two jobs.",
      changes: [
        changeOf({ path: "src/auth.py", lines_added: 150, lines_removed: 30, functions: ["def login(user):"] }),
        changeOf({ path: "README.md", lines_added: 2 }),
      ],
    }),
  );
  expect(measured).toMatchObject({
    subject: "refactor(auth)!: split the service",
    change_type: "refactor",
    breaking: true,
    files_changed: ["src/auth.py", "README.md"],
    files_total: 2,
    lines_added: 152,
    lines_removed: 30,
    changes: [
      { path: "src/auth.py", kind: "security", functions: ["def login(user):"] },
      { path: "README.md", kind: "docs" },
    ],
  });
  expect(measured.impact_score).toBe(7.6);
});

test("the origin's five fields are measured by their paths", () => {
  const measured = measure(commitOf({ message: "agent(auth): Extract AuthService", files_changed: ["src/auth.py"] }));
  expect(measured).toMatchObject({
    files_total: 1,
    lines_added: 0,
    lines_removed: 0,
    change_type: "chore",
    impact_score: 0.2,
  });
});

test("totals without a list count as the files that are named", () => {
  const measured = measure(commitOf({ files_changed: ["src/auth.py"], lines_added: 150, lines_removed: 30 }));
  expect(measured.impact_score).toBe(7.5);
});

test("what the list leaves out is in the totals and in the score", () => {
  const changes = [changeOf({ path: "src/a.ts", lines_added: 50 })];
  const whole = measure(
    commitOf({ changes, changes_truncated: true, files_total: 1500, lines_added: 9000, lines_removed: 10 }),
  );
  expect(whole).toMatchObject({ files_total: 1500, lines_added: 9000, lines_removed: 10 });
  expect(whole.impact_score).toBeGreaterThan(measure(commitOf({ changes })).impact_score);
});

test("a merge keeps its lines and scores 0", () => {
  const merge = {
    message: "Merge pull request #7 from a/b",
    is_merge: true,
    changes: [changeOf({ lines_added: 500 })],
  };
  expect(measure(commitOf(merge))).toMatchObject({
    impact_score: 0,
    change_type: "chore",
    lines_added: 500,
    is_merge: true,
  });
});

test("a field that a later version put on a file does not reach what is said", () => {
  const heard = { ...commitOf({}), changes: [Object.assign(changeOf({}), { language: "TypeScript" })] };
  expect(() => contextUpdate(measure(heard))).not.toThrow();
});

test("a long subject is cut, and never within a character", () => {
  const { subject } = measure(commitOf({ message: `${"a".repeat(199)}💡 and more\nbody` }));
  expect(subject).toBe(`${"a".repeat(199)}\uFFFD`);
});

test("who made the commit, and where it came from, is passed on", () => {
  const from = {
    author_id: "ada",
    committed_at: "2026-04-01T10:00:00Z",
    origin: "import",
    proposal_id: "cp_042",
  } as const;
  expect(measure(commitOf(from))).toMatchObject(from);
});
