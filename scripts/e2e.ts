// Runs the end-to-end suite on one platform; jest's own arguments may follow. `--help` says more.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { parseE2eArguments, USAGE } from "./e2e-arguments.ts";

const parsed = parseE2eArguments(process.argv.slice(2));
if (parsed.kind === "help") {
  console.log(USAGE);
} else if (parsed.kind === "wrong") {
  console.error(`${parsed.problem}\n\n${USAGE}`);
  process.exitCode = 1;
} else {
  const test = resolve(import.meta.dirname, "test.ts");
  const suite = `e2e/src/${parsed.platform}.e2e.test.ts`;
  const child = spawn(process.execPath, [...process.execArgv, test, suite, ...parsed.jest], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  process.exitCode = typeof code === "number" ? code : 1;
}
