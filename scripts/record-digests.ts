// Reads the names of pushed images from standard input, a line each, and writes the digests of those that run in the cloud into the file that is
// named: variables of the next `terraform apply`. Exits with 1, and leaves the file alone, where an image is missing or has no digest.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readDeployments } from "./deployments.ts";
import { digestsOf } from "./image-digests.ts";

const [file] = process.argv.slice(2);
const inCloud = readDeployments(resolve(import.meta.dirname, "..")).filter(({ door }) => door !== "local");
const { digests, problems } = digestsOf(
  readFileSync(0, "utf8"),
  inCloud.map(({ name }) => name),
);
if (file === undefined) {
  console.error("say which file, as infra/terraform/environments/staging.images.tfvars.json");
  process.exitCode = 1;
} else if (problems.length > 0) {
  console.error(`${problems.join("\n")}\n${file} is as it was`);
  process.exitCode = 1;
} else {
  writeFileSync(file, `${JSON.stringify({ image_digests: digests }, null, 2)}\n`);
}
