// Bundles processes for production, as scripts/bundle-program.ts says. `--help` says more.

import { resolve } from "node:path";
import { parseBundleArguments, usage } from "./bundle-arguments.ts";
import { bundleProgram } from "./bundle-program.ts";
import { housePrograms } from "./house-programs.ts";

const root = resolve(import.meta.dirname, "..");
const processes = housePrograms(root);
const parsed = parseBundleArguments(process.argv.slice(2), processes);
if (parsed.kind === "help") {
  console.log(usage(processes));
} else if (parsed.kind === "wrong") {
  console.error(`${parsed.problem}\n\n${usage(processes)}`);
  process.exitCode = 1;
} else {
  try {
    for (const program of parsed.programs) {
      const folder = resolve(parsed.out, program.name);
      await bundleProgram(program, folder, root);
      console.log(folder);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
