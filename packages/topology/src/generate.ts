import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveTopology } from "./resolve.ts";

/** Writes infra/terraform/topology.json; with --check it only compares, and exits with 1 where the file is out of date. */
const file = fileURLToPath(new URL("../../../infra/terraform/topology.json", import.meta.url));
const wanted = `${JSON.stringify(resolveTopology(), null, 2)}\n`;

if (!process.argv.includes("--check")) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
} else if (read() !== wanted) {
  process.stderr.write("infra/terraform/topology.json is out of date: run node packages/topology/src/generate.ts\n");
  process.exitCode = 1;
}

function read(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
