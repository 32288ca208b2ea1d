import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const namesIn = (path: string, pattern: RegExp): string[] =>
  Array.from(readFileSync(resolve(root, path), "utf8").matchAll(pattern), ([, name = ""]) => name);

const schemas = [
  "packages/agent-host/src/config.ts",
  "packages/agent-host/src/listen-config.ts",
  "packages/agent-process/src/google-cloud.ts",
  "packages/agent-process/src/job-config.ts",
  ...globSync("services/*/src/config.ts", { cwd: root }),
];

test("the page names each variable that a process reads, and no other", () => {
  const read = schemas.flatMap((path) => namesIn(path, /(?:^ +|\{ )([A-Z][A-Z_]+): (?:z\b|list\b|logLevels\b)/gm));
  const named = namesIn("docs/processes.md", /^\| `([A-Z][A-Z_]+)` /gm);
  expect(named.toSorted()).toEqual([...new Set(read)].sort());
});
