import { globSync } from "node:fs";
import { basename, resolve } from "node:path";

/** The services that run as processes of their own: each has a src/server.ts. In the order of their names. */
export function runnableServices(root: string): string[] {
  return globSync("services/*/src/server.ts", { cwd: root })
    .map((path) => basename(resolve(root, path, "../..")))
    .sort();
}
