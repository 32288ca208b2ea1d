import * as fc from "fast-check";
import { entryOf } from "./changelog-entry.ts";
import { commitOf, type Commit } from "./commits.fixture.ts";

test.each([
  ["feat: pay in instalments", "Added", "Pay in instalments"],
  ["feat(payment): pay in instalments (#12)", "Added", "payment: pay in instalments (#12)"],
  ["Feature: Sign in with a passkey", "Added", "Sign in with a passkey"],
  ["fix: npm.cmd is found on Windows", "Fixed", "npm.cmd is found on Windows"],
  ["fix: `total` adds <Item> and 1 < 2", "Fixed", "`total` adds \\<Item> and 1 \\< 2"],
  ["fix: `<!--` stays", "Fixed", "`<!--` stays"],
  ["bugfix(core/parser, cli): handle tabs", "Fixed", "core/parser, cli: handle tabs"],
  ["fix: comments are saved once", "Fixed", "Comments are saved once"],
  ["feat: report typos", "Added", "Report typos"],
  ["perf(catalog): search an index", "Changed", "catalog: search an index"],
  ["feat(api)!: drop v1", "Changed", "**Breaking:** api: drop v1"],
  ["refactor: split\n\nBREAKING CHANGE: other names", "Changed", "**Breaking:** Split"],
  ["chore(ci)!: publish from another place", "Changed", "**Breaking:** ci: publish from another place"],
  ["fix: éviter les doublons", "Fixed", "Éviter les doublons"],
  ["fix: turn \u202Earound", "Fixed", "Turn ?around"],
])("%j is a line under %s", (message, section, text) => {
  expect(entryOf(commitOf({ message }))).toEqual({ entry: { section, text } });
});

test("a subject past 200 characters is cut", () => {
  const worth = entryOf(commitOf({ message: `fix: ${"💡".repeat(400)}` }));
  expect(Array.from("entry" in worth ? worth.entry.text : "")).toHaveLength(200);
});

test.each([
  ["refactor: one place for cookies", "of type refactor"],
  ["docs: how to run the shop", "of type docs"],
  ["constructor: a trap", "of type constructor"],
  ["feat(ci): run on every push", "to ci"],
  ["fix(tests): wait for the port", "to tests"],
  ["fix(deps): bump zod", "to deps"],
  ["fix: typo in the cart", "such a fix"],
  ["fix(cart): lint errors", "such a fix"],
  ["Pay in instalments", "no conventional commit"],
  ["fixup! feat: pay in instalments", "no conventional commit"],
  ['Revert "feat: pay in instalments"', "no conventional commit"],
  ["", "no conventional commit"],
])("%j is no line: users do not notice it, or it does not say so", (message, why) => {
  expect(entryOf(commitOf({ message }))).toEqual({ none: expect.stringContaining(why) });
});

test.each<[string, Partial<Commit>]>([
  ["imported history", { origin: "import" }],
  ["an agent's own commit", { proposal_id: "cp_042" }],
  ["an agent's own commit", { branch: "agent/changelog" }],
  ["a merge", { is_merge: true }],
  ["changes the changelog itself", { files_changed: ["src/pay.ts", "CHANGELOG.md"] }],
])("%s is no line", (why, over) => {
  expect(entryOf(commitOf(over))).toEqual({ none: expect.stringContaining(why) });
});

test("a changelog further down belongs to something else", () => {
  expect(entryOf(commitOf({ files_changed: ["vendor/CHANGELOG.md"] }))).toHaveProperty("entry");
});

test("no message makes it throw, and a line is one line", () => {
  const parts = fc.constantFrom(
    "-references-",
    "fix: ",
    "feat(",
    ")!: ",
    "BREAKING CHANGE: ",
    "\n",
    "\r",
    "\u2028",
    "<!--",
    "`",
    "#1",
    "a",
  );
  const message = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(parts, { maxLength: 40 }).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(message, (message) => {
      const worth = entryOf(commitOf({ message }));
      expect("entry" in worth ? worth.entry.text : "none").toMatch(/^\S.{0,199}$/u);
    }),
  );
});
