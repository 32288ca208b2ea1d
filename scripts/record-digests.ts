// Reads the names of pushed images from standard input, a line each, and writes the digests of those that run in the cloud (all but the processes
// of the door "local") into the file that is named: variables of the next `terraform apply`. Exits with 1, and leaves the file alone, where an image is missing or has no digest.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readDeployments } from "./deployments.ts";
import { housePrograms } from "./house-programs.ts";
import { digestsOf } from "./image-digests.ts";

const [file] = process.argv.slice(2);
const root = resolve(import.meta.dirname, "..");
const local = new Set(readDeployments(root).flatMap(({ name, door }) => (door === "local" ? [name] : [])));
const inCloud = housePrograms(root).flatMap(({ name }) => (local.has(name) ? [] : [name]));
const { digests, problems } = digestsOf(readFileSync(0, "utf8"), inCloud);
if (file === undefined) {
  console.error("say which file, as infra/terraform/environments/staging.images.tfvars.json");
  process.exitCode = 1;
} else if (problems.length > 0) {
  console.error(`${problems.join("\n")}\n${file} is as it was`);
  process.exitCode = 1;
} else {
  writeFileSync(file, `${JSON.stringify({ image_digests: digests }, null, 2)}\n`);
}
