import { isBuiltin } from "node:module";
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

/** zod carries the messages of fifty languages, 430 kB; the house's errors are English, which zod sets by itself. */
export const englishOnly: Plugin = {
  name: "english-only",
  setup: (build) => {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from "./en.js";`,
    }));
  },
};
