import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

/**
 * Node's own modules by require(). An import of one reads all that it exports, and reading node:http's WebSocket loads undici:
 * 20 ms and 5 MB of a start that needs neither.
 */
export const requiredBuiltins: Plugin = {
  name: "required-builtins",
  setup: (build) => {
    const namespace = "builtin";
    build.onResolve({ filter: /^[a-z:_/]+$/ }, ({ path, kind }) =>
      kind === "import-statement" && isBuiltin(path) ? { path, namespace } : undefined,
    );
    build.onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * Gives what is imported later its named exports back: of a CommonJS module in a file of its own esbuild exports the default alone, and
 * `const { PubSub } = await import(…)` would find nothing. The names are those that Node sees.
 */
export const namedExportsLater: Plugin = {
  name: "named-exports-later",
  setup: (build) => {
    const namespace = "later";
    // Paths from the root, for they are part of what a file's name is a hash of: a clone elsewhere gives the same bytes.
    const { absWorkingDir: root = process.cwd() } = build.initialOptions;
    build.onResolve({ filter: /^[^.]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== "dynamic-import" || pluginData === namespace || !importer.endsWith(".ts")) return undefined;
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: namespace });
      return { path: `./${relative(root, found.path)}`, namespace };
    });
    build.onLoad({ filter: /./, namespace }, async ({ path }) => {
      const module: unknown = await import(pathToFileURL(join(root, path)).href);
      const names = Object.keys(Object(module)).filter((name) => name !== "default" && name !== "module.exports");
      return {
        contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`,
        resolveDir: root,
      };
    });
  },
};
