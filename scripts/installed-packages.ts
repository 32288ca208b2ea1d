import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { workspaceFolders } from "./workspaces.mjs";

/** A package as it stands in node_modules. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json says it, an SPDX expression; undefined where it says none. */
  readonly licence: string | undefined;
  /** npm and pnpm would run something of it at installation, if they were let. */
  readonly runsAtInstall: boolean;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Every package that is installed below the root folder, development's too. */
export function installedPackages(root: string): InstalledPackage[] {
  return globSync("node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json", { cwd: root })
    .map((file) => dirname(join(root, file)))
    .filter((folder) => realpathSync(folder) === folder)
    .map((folder) => packageIn(folder));
}

/** What services and the command line bring with them where they run: all that their `dependencies` reach, without the house's own. Sorted. */
export function productionPackages(root: string): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const seen = new Set<string>();
  const visit = (folder: string): void => {
    if (seen.has(folder)) return;
    seen.add(folder);
    const { dependencies, optionalDependencies, peerDependencies } = manifestIn(folder);
    if (folder.includes("node_modules")) {
      const one = packageIn(folder);
      found.set(`${one.name} ${one.version}`, one);
    }
    for (const name of Object.keys({ ...peerDependencies, ...optionalDependencies, ...dependencies })) {
      const next = resolved(folder, name);
      if (next !== undefined) visit(next);
    }
  };
  const programs = workspaceFolders(root).filter((folder) => /^services\/|^packages\/cli$/.test(folder));
  for (const folder of programs) visit(realpathSync(join(root, folder)));
  return [...found.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** Where pnpm puts what a package asks for: below a workspace, beside anything else. Undefined: an optional one, not for this machine. */
function resolved(from: string, name: string): string | undefined {
  const [, beside] = /^(.*[/]node_modules)[/]/.exec(from) ?? [];
  const there = join(beside ?? join(from, "node_modules"), name);
  return existsSync(there) ? realpathSync(there) : undefined;
}

/** What the package in the folder says of itself. */
export function packageIn(folder: string): InstalledPackage {
  const { name, version, license, scripts = {} } = manifestIn(folder);
  const runs = ["preinstall", "install", "postinstall"].some((script) => script in scripts);
  return {
    name,
    version,
    licence: typeof license === "string" ? license : undefined,
    runsAtInstall: runs || existsSync(join(folder, "binding.gyp")),
  };
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
