import { coachNudge, FILE_KINDS } from "@contextpilot/events";
import * as fc from "fast-check";
import { changeOf } from "./change.ts";
import { findingsOf } from "./findings.ts";
import { nudgeOf, type Nudge } from "./nudge.ts";
import { fileOf, updateOf, type Update } from "./updates.fixture.ts";

function nudgeFor(over: Partial<Update>): Nudge | undefined {
  const change = changeOf(updateOf(over));
  const [first, ...others] = findingsOf(change);
  return first && nudgeOf(change, [first, ...others], "told-1");
}

const auth = fileOf({
  path: "src/auth.py",
  kind: "security",
  lines_added: 150,
  lines_removed: 30,
  functions: ["def login(user):"],
});

test("names the file, the numbers and the next command", () => {
  expect(nudgeFor({ changes: [auth], impact_score: 7.5, change_type: "refactor" })).toEqual({
    nudge_id: expect.any(String),
    rule: "high-impact",
    repository: "shop",
    title: "Get a second pair of eyes on src/auth.py (impact 7.5)",
    why_now:
      "src/auth.py changed by 180 lines (150 added, 30 removed) in a security-relevant place, impact 7.5 of 10, and no test changed with it. " +
      "It touches `def login(user)`. A change of this weight is easiest to correct before others build on it.",
    next_actions: [
      "Read the change once more: `git show def4567890ab -- src/auth.py`",
      "Try what src/auth.py must refuse: no identity, an expired one, someone else's; each should fail, and say why in the log.",
      "Add to tests/test_auth.py one case that works and one that must fail for `def login(user)`: `python -m pytest tests/test_auth.py`",
    ],
    eta_minutes: 15,
    priority: "high",
    links: ["shop@def4567890abcdef4567890abcdef4567890abcd:src/auth.py"],
    related_events: ["told-1"],
  });
});

test("mentions what was found in another file", () => {
  const nudge = nudgeFor({ changes: [auth, fileOf({ path: "ci.yml", kind: "ci", lines_added: 40 })] });
  expect(nudge?.why_now).toContain("src/auth.py changed");
  expect(
    nudgeFor({
      changes: [
        fileOf({ path: "db/1.sql", kind: "migration", lines_added: 40 }),
        fileOf({ path: "lib/a.go", lines_added: 50 }),
      ],
    })?.why_now,
  ).toContain("Also lib/a.go changed by 50 lines, all added, and no test changed with it.");
});

test("the same commit and finding have the same id, another commit another", () => {
  const ids = ["aaaa", "aaaa", "bbbb"].map((commit_hash) => nudgeFor({ changes: [auth], commit_hash })?.nudge_id);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

test.each([
  [30, 5],
  [61, 10],
  [5000, 25],
])("%d lines take %d minutes", (lines_added, minutes) => {
  expect(nudgeFor({ changes: [fileOf({ lines_added })] })?.eta_minutes).toBe(minutes);
});

test("what git could take for an option is not put into a command", () => {
  const nudge = nudgeFor({ changes: [fileOf({ path: "-x.ts", lines_added: 40 })], commit_hash: "--output=x" });
  expect(nudge?.next_actions.join()).not.toContain("--output");
  expect(nudge?.next_actions[1]).toBe("Look for the line that would hurt most if it were wrong, in -x.ts.");
});

const hostile = fc.string({
  unit: fc.constantFrom("a", "/", ".py", ".go", " ", "'", "`", "$", "\n", "\u202E", "💡", "-", ":"),
  minLength: 1,
  maxLength: 400,
});
const file = fc
  .record({
    path: hostile,
    kind: fc.constantFrom(...FILE_KINDS),
    lines_added: fc.nat(1_000_000),
    lines_removed: fc.nat(1_000_000),
    functions: fc.array(hostile, { maxLength: 4 }),
  })
  .map(fileOf);

test("whatever was measured, a nudge is as coach.nudge.v1 says, its title short and printable", () => {
  fc.assert(
    fc.property(
      fc.array(file, { maxLength: 4 }),
      fc.array(hostile, { maxLength: 2 }),
      hostile.map((hash) => hash.slice(0, 64)),
      fc.double({ min: 0, max: 10, noNaN: true }),
      (changes, files_changed, commit_hash, impact_score) => {
        const nudge = nudgeFor({ changes, files_changed, commit_hash, impact_score, lines_added: 900 });
        if (nudge === undefined) return;
        expect(() => coachNudge(nudge)).not.toThrow();
        expect(nudge.title.length).toBeLessThanOrEqual(90);
        expect(Array.from(nudge.title).length).toBeLessThanOrEqual(80);
        expect([nudge.title, nudge.why_now, ...nudge.next_actions, ...nudge.links].join("")).not.toMatch(/\p{C}/u);
      },
    ),
  );
});
