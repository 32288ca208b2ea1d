import { resolve } from "node:path";
import { violations } from "./import-graph.ts";
import { readWorkspaces } from "./read-workspaces.ts";

const found = violations(readWorkspaces(resolve(import.meta.dirname, "..")));
for (const violation of found) console.log(violation);
process.exitCode = found.length === 0 ? 0 : 1;
