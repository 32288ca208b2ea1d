// Writes docker-compose.yml; with --check it only compares, and exits with 1 where the file is out of date.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { readDeployments } from "../deployments.ts";
import { composeFile, type Topology } from "./compose-file.ts";

const { values } = parseArgs({ options: { check: { type: "boolean" } } });
const root = resolve(import.meta.dirname, "../..");
const file = resolve(root, "docker-compose.yml");
const topology = JSON.parse(readFileSync(resolve(root, "infra/terraform/topology.json"), "utf8")) as Topology;
const wanted = composeFile(readDeployments(root), topology);

if (!values.check) writeFileSync(file, wanted);
else if (!existsSync(file) || readFileSync(file, "utf8") !== wanted) {
  process.stderr.write(`${file} is out of date: run node scripts/compose/generate.ts\n`);
  process.exitCode = 1;
}
