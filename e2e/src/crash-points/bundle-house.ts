import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build as bundle, type Plugin } from "esbuild";
import { CRASH_POINTS } from "./points.ts";
import { withPoints } from "./with-points.ts";

/**
 * `node bundle-house.ts <file>`: writes the crash house as one file with every crash point in it. A process that has CRASH_POINT in its
 * environment kills itself the CRASH_PASS-th time that it comes there. In one file a house starts in a third of the time.
 */
const [, , file = ""] = process.argv;
const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));

const BANNER = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;
let crashPasses = 0;
function crashPoint(name) {
  if (name === process.env.CRASH_POINT && ++crashPasses === Number(process.env.CRASH_PASS)) process.kill(process.pid, "SIGKILL");
}`;

const crashPoints: Plugin = {
  name: "crash-points",
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const points = CRASH_POINTS.filter((point) => path === packages + point.file);
      if (points.length === 0) return undefined;
      return { contents: withPoints(await readFile(path, "utf8"), points), loader: "ts" };
    });
  },
};

await bundle({
  entryPoints: [fileURLToPath(new URL("crash-house.ts", import.meta.url))],
  outfile: file,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  banner: { js: BANNER },
  plugins: [crashPoints],
  logLevel: "error",
});
