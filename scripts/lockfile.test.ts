import { lockfileProblems } from "./lockfile.ts";

const entry = (name: string, rest = "integrity: sha512-abc=="): string =>
  `  ${name.startsWith("@") ? `'${name}'` : name}:\n    resolution: {${rest}}\n`;
const lockfile = (...entries: readonly string[]): string =>
  `lockfileVersion: '9.0'\n\npackages:\n\n${entries.join("\n")}\nsnapshots:\n\n  a@1.0.0: {}\n`;

test("packages of different majors and names stand beside each other", () => {
  expect(lockfileProblems(lockfile(entry("a@1.0.0"), entry("a@2.0.0"), entry("@a/a@1.0.0")), {})).toEqual([]);
});

test.each([
  ["a download address", entry("a@1.0.0", "integrity: sha512-abc==, tarball: https://example.org/a.tgz"), "address"],
  ["a git address", entry("a@git+ssh://git@example.org/a.git"), "address"],
  ["no hash", entry("a@1.0.0", "commit: 0123"), "a 1.0.0 has no integrity hash"],
  ["two versions of a major", entry("@a/b@1.0.0") + entry("@a/b@1.2.0"), "@a/b is there as 1.0.0 and 1.2.0"],
])("%s is found", (_what, entries, problem) => {
  expect(lockfileProblems(lockfile(entries), {}).join("\n")).toContain(problem);
});

test("two versions of a major may have a reason, which goes with them", () => {
  const reasons = { a: "another asks for it" };
  expect(lockfileProblems(lockfile(entry("a@1.0.0"), entry("a@1.2.0")), reasons)).toEqual([]);
  expect(lockfileProblems(lockfile(entry("a@1.0.0")), reasons)).toEqual(["a is there once by now: its reason can go"]);
});

test("a lockfile of another form is no good one", () => {
  expect(lockfileProblems("lockfileVersion: '10.0'\n", {})).toHaveLength(1);
});
