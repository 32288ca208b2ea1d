// Runs the tests, all or those that the arguments (jest's own) choose, and ends with a line for each skip and the counts.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type Tally, verdictOf } from "./test-verdict.ts";

/** How long jest may take to end after its last test; then something that a test opened is still running. */
const endWithinMs = 10_000;

const jest = resolve(createRequire(import.meta.url).resolve("jest/package.json"), "../bin/jest.js");
const child = spawn(
  process.execPath,
  [
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    jest,
    "--reporters=default",
    `--reporters=${resolve(import.meta.dirname, "jest-reporter.ts")}`,
    // Jest leaves a core free. What takes minutes here waits most of them, for processes that were killed or a clock.
    `--maxWorkers=${availableParallelism() + 1}`,
    ...process.argv.slice(2),
  ],
  { stdio: ["inherit", "inherit", "inherit", "ipc"] },
);

let tally: Tally | undefined;
let overdue: NodeJS.Timeout | undefined;
child.on("message", (message) => {
  tally = message as Tally;
  overdue = setTimeout(() => {
    console.error(`Jest did not end within ${endWithinMs / 1000} s of the last test: a test left something open.`);
    child.kill("SIGKILL");
  }, endWithinMs);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));

const [code] = await once(child, "exit");
clearTimeout(overdue);
const { lines, ok } = verdictOf(tally, typeof code === "number" ? code : 1, Boolean(process.env["CI"]));
for (const line of lines) console.log(line);
process.exitCode = ok ? 0 : 1;
