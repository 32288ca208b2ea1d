// Whether the packages that others made may come with us: the lockfile, their licences, what they would run at installation.
// `--write` writes docs/licences.md anew.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { installScriptProblems, licencePage, licenceProblems } from "./package-rules.ts";
import { installedPackages, productionPackages } from "./installed-packages.ts";
import { lockfileProblems } from "./lockfile.ts";

const root = resolve(import.meta.dirname, "..");
const page = join(root, "docs/licences.md");
const read = (file: string): string => readFileSync(file, "utf8");

const production = productionPackages(root);
if (process.argv.includes("--write")) writeFileSync(page, licencePage(production));

const problems = [
  ...lockfileProblems(read(join(root, "pnpm-lock.yaml"))),
  ...installScriptProblems(installedPackages(root), read(join(root, "pnpm-workspace.yaml"))),
  ...licenceProblems(production),
  ...(read(page) === licencePage(production)
    ? []
    : ["docs/licences.md is out of date: node scripts/check-packages.ts --write"]),
];
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
