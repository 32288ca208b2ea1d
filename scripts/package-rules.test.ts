import { installScriptProblems, licenceProblems } from "./package-rules.ts";
import type { InstalledPackage } from "./installed-packages.ts";

const installed = (over: Partial<InstalledPackage>): InstalledPackage => ({
  name: "a",
  version: "1.0.0",
  licence: "MIT",
  runsAtInstall: false,
  ...over,
});

test.each(["MIT", "Apache-2.0", "(MIT AND Zlib)", "(MIT OR GPL-3.0-only)"])(
  "a package under %s may come",
  (licence) => {
    expect(licenceProblems([installed({ licence })])).toEqual([]);
  },
);

test.each(["GPL-3.0-only", "(MIT AND GPL-3.0-only)", "AGPL-3.0-only OR BUSL-1.1", "SEE LICENSE IN x", "", undefined])(
  "a package under %s may not",
  (licence) => {
    expect(licenceProblems([installed({ licence })])).toHaveLength(1);
  },
);

const workspace = (may: string): string => `packages:\n  - a\n\nallowBuilds:\n  "@a/b": ${may}\n\npmOnFail: ignore\n`;

test("an install script is refused where nothing is said about it, or where it may run", () => {
  const native = installed({ name: "@a/b", runsAtInstall: true });
  expect(installScriptProblems([native, installed({})], workspace("false"))).toEqual([]);
  expect(installScriptProblems([installed({ name: "c", runsAtInstall: true })], workspace("false"))).toHaveLength(1);
  expect(installScriptProblems([native], workspace("true"))).toHaveLength(1);
  expect(installScriptProblems([native], "packages:\n  - a\n")).toHaveLength(1);
});
