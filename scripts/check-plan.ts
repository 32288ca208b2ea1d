// Reads `terraform show -json <plan>` from standard input, and exits with 1 where the plan would lose something by making it anew. With
// LOSE=yes it only says so.

import { readFileSync } from "node:fs";
import { lossesOf } from "./plan-losses.ts";

const losses = lossesOf(JSON.parse(readFileSync(0, "utf8")) as Parameters<typeof lossesOf>[0]);
for (const loss of losses) console.error(loss);
if (losses.length > 0 && process.env["LOSE"] !== "yes") {
  console.error(
    "nothing was changed: docs/operations.md says how to change it without a loss; LOSE=yes makes it all the same",
  );
  process.exitCode = 1;
}
