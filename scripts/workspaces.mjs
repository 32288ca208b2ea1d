import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The folders of all workspaces, relative to the root and sorted, as pnpm-workspace.yaml lists them: `folder` or `folder/*`.
 * Read without a YAML library, because bootstrap.mjs asks before any library is there.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function workspaceFolders(root) {
  const section = /^packages:\n((?: +- .*\n)+)/m.exec(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"));
  if (!section || !section[1]) throw new Error("pnpm-workspace.yaml lists no packages");
  const lines = section[1].trimEnd().split("\n");
  return lines
    .map((line) => line.replace(/^ +- /, "").replace(/"/g, ""))
    .flatMap((glob) => (glob.endsWith("/*") ? foldersIn(root, glob.slice(0, -2)) : [glob]))
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .sort();
}

/**
 * @param {string} root
 * @param {string} parent
 */
function foldersIn(root, parent) {
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
}
