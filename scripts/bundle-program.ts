import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import { BILL_OF_MATERIALS, billOfMaterials } from "./bill-of-materials.ts";
import type { BundledProgram } from "./bundle-arguments.ts";
import { namedExportsLater, requiredBuiltins } from "./bundle-plugins.ts";

const COMPILE = "compile.js";

/** What the libraries that are no ES modules expect to find around them. */
const PREAMBLE = [
  `import { createRequire as createRequireOf } from "node:module";`,
  `const require = createRequireOf(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = import.meta.dirname;`,
].join("\n");

/**
 * V8's compiled code stands beside the program; paths in it are relative, so the folder may be moved. Node looks for it by its own
 * version and by the user. What is not there is written when the process ends, if the disk allows; what does not fit is passed over.
 */
const COMPILE_CACHE = `import { enableCompileCache } from "node:module";
import { join } from "node:path";
enableCompileCache({ directory: join(import.meta.dirname, "compile-cache"), portable: true });
`;

const SERVER = `${COMPILE_CACHE}await import("./program.js");
`;

/** Compiles what a start runs, by a start that its environment forbids, and then what is imported later. */
const compileOf = (later: readonly string[]) => `import { spawnSync } from "node:child_process";
${COMPILE_CACHE}const server = join(import.meta.dirname, "server.js");
const { status, stderr } = spawnSync(process.execPath, [server], { env: { PORT: "none" }, encoding: "utf8" });
if (status !== 1) throw new Error("server.js started on the port none, or ended with " + status + ": " + stderr);
for (const module of ${JSON.stringify(later)}) await import(module);
`;

/**
 * Bundles a program into a folder that runs without node_modules: server.js starts it; program.js is what its start needs, and
 * chunks/ what it imports later (the clients of Google Cloud), each with its source map beside it; compile.js writes V8's code of
 * it all into compile-cache/, for the Node and the user that run it, and is run once here; sbom.cdx.json says of which packages it is made.
 * The program must refuse the port "none".
 * Replaces the folder where it holds an earlier bundle, and refuses any other that is not empty. The same sources and libraries give
 * the same bytes wherever it stands, but for compile-cache/, which is V8's.
 *
 * Nothing is left out: the clients hold their protocols as JSON, which is bundled. Only google-gax's `loadProto`, and gRPC's channelz
 * and ORCA services, would read .proto files, and nothing here calls them.
 */
export async function bundleProgram({ name, entry }: BundledProgram, folder: string, root: string): Promise<void> {
  await clear(folder);
  // As if beside the sources, wherever it goes: the source maps name those from there.
  const place = join(root, "bundle");
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: "program" }],
    outdir: place,
    write: false,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // The names stay: people read stack traces, and the types of errors in the log.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    sourcemap: "external",
    metafile: true,
    banner: { js: PREAMBLE },
    plugins: [requiredBuiltins, namedExportsLater],
    logLevel: "silent",
  });
  await mkdir(join(folder, "chunks"), { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(join(folder, relative(place, path)), contents);
  await writeFile(join(folder, "server.js"), SERVER);
  await writeFile(join(folder, COMPILE), compileOf(laterModules(metafile)));
  await writeFile(join(folder, BILL_OF_MATERIALS), billOfMaterials(metafile, name, root));
  // Without it Node reads each file twice, to find out whether it is an ES module.
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ private: true, type: "module" })}\n`);
  await promisify(execFile)(process.execPath, [join(folder, COMPILE)]);
}

async function clear(folder: string): Promise<void> {
  const found = existsSync(folder) ? await readdir(folder) : [];
  if (found.length > 0 && !found.includes(COMPILE)) throw new Error(`${folder} is no bundle, and is left as it is`);
  await rm(folder, { recursive: true, force: true });
}

/** What the program imports by import(), each an entry of its own, from the folder. */
function laterModules({ outputs }: Metafile): string[] {
  return Object.keys(outputs)
    .filter((path) => outputs[path]?.entryPoint !== undefined && path.startsWith("bundle/chunks/"))
    .map((path) => `./${relative("bundle", path)}`)
    .sort();
}
