// Bundles services for production, as scripts/bundle-program.ts says. `--help` says more.

import { resolve } from "node:path";
import { parseBundleArguments, usage } from "./bundle-arguments.ts";
import { bundleProgram } from "./bundle-program.ts";
import { runnableServices } from "./runnable-services.ts";

const root = resolve(import.meta.dirname, "..");
const services = runnableServices(root);
const parsed = parseBundleArguments(process.argv.slice(2), services);
if (parsed.kind === "help") {
  console.log(usage(services));
} else if (parsed.kind === "wrong") {
  console.error(`${parsed.problem}\n\n${usage(services)}`);
  process.exitCode = 1;
} else {
  try {
    for (const { name, entry } of parsed.programs) {
      const folder = resolve(parsed.out, name);
      await bundleProgram(entry, folder, root);
      console.log(folder);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
