// Prints what a new project would be made of, by kind: `node infra/src/count-resources.ts`.

import { resolve } from "node:path";
import { openTerraform } from "./terraform.ts";

await using terraform = await openTerraform(resolve(import.meta.dirname, "../terraform"));
const { runs, problems } = await terraform.test("tests/house.tftest.hcl");
if (problems.length > 0) throw new Error(problems.join("\n"));

const kinds = Map.groupBy(
  runs.flatMap(({ resources }) => resources),
  ({ type }) => type,
);
const counts = [...kinds].map(([kind, all]) => [kind, all.length] as const).sort(([a], [b]) => (a < b ? -1 : 1));
const total = counts.reduce((sum, [, count]) => sum + count, 0);
process.stdout.write(counts.map(([kind, count]) => `${String(count).padStart(4)} ${kind}\n`).join(""));
process.stdout.write(`${String(total).padStart(4)} in all\n`);
