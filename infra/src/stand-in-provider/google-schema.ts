import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";
import { type Assembly, schemaOf } from "./jsii-schema.ts";
import type { ProviderSchema } from "./provider-schema.ts";

/** The last CDK package of hashicorp/google; generated from 6.50.0. 32 MB, and 307 MB unpacked: too heavy to be everyone's dependency. */
const PACKAGE = "@cdktf/provider-google@16.12.1";
const SHA512 = "KqNA/5RiFT07r0PSZ6/07cJ2zESUgbj1JchVj21iBFBZVUbD+578xA/k8eq/r0cbyEgLmg9eYWeVslaYah4DCQ==";

const CACHE = resolve(import.meta.dirname, "../../../node_modules/.cache/terraform-provider");
/** Says how the schema was made; another version makes another file. */
const FILE = join(CACHE, "google-6.50.0.v1.json");

/**
 * The schema of hashicorp/google 6.50.0. The first call fetches the package from npm's registry, which takes some seconds, and keeps
 * what it needs of it beside the dependencies. Throws where npm cannot get the package, or where it is another than it was.
 */
export async function googleSchema(): Promise<ProviderSchema> {
  const kept = await readFile(FILE, "utf8").catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as ProviderSchema;
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "fetch-"));
  try {
    const schema = schemaOf(await assemblyIn(await fetchPackage(folder)));
    const file = join(folder, "schema.json");
    await writeFile(file, JSON.stringify(schema));
    await rename(file, FILE);
    return schema;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchPackage(folder: string): Promise<string> {
  const args = ["pack", PACKAGE, "--json", "--loglevel=error", `--pack-destination=${folder}`];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: folder });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const archive = join(folder, filename);
  const digest = createHash("sha512")
    .update(await readFile(archive))
    .digest("base64");
  if (digest !== SHA512) throw new Error(`${PACKAGE} has the digest sha512-${digest}, not sha512-${SHA512}`);
  return archive;
}

async function assemblyIn(archive: string): Promise<Assembly> {
  const tar = spawn("tar", ["-xzOf", archive, "package/.jsii"], { stdio: ["ignore", "pipe", "inherit"] });
  const [assembly] = await Promise.all([json(tar.stdout), once(tar, "close")]);
  return assembly as Assembly;
}
