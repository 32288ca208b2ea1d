import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { resolveTopology } from "./resolve.ts";

// Writes infra/terraform/topology.json, or the file that is named; with --check it only compares, and exits with 1 where the
// file is out of date.
const { values, positionals } = parseArgs({ options: { check: { type: "boolean" } }, allowPositionals: true });
const file = positionals[0] ?? fileURLToPath(new URL("../../../infra/terraform/topology.json", import.meta.url));
const wanted = `${JSON.stringify(resolveTopology(), null, 2)}\n`;

if (!values.check) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
} else if (read() !== wanted) {
  process.stderr.write(`${file} is out of date: run node packages/topology/src/generate.ts\n`);
  process.exitCode = 1;
}

function read(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
