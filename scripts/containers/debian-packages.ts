import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A package of Debian as it is installed on this machine. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly essential: boolean;
  /** Each of one or more packages that will do, of which the first that is installed is taken. */
  readonly needs: readonly (readonly string[])[];
  /** Other names that it goes by. */
  readonly provides: readonly string[];
}

const FIELDS = ["Package", "Version", "Essential", "Pre-Depends", "Depends", "Provides"];

/** The packages that are installed on this machine. Throws where there is no dpkg. */
export function installedDebianPackages(): DebianPackage[] {
  const format = `${FIELDS.map((field) => `\${${field}}`).join("\t")}\n`;
  return parsePackages(execFileSync("dpkg-query", ["--show", `--showformat=${format}`], { encoding: "utf8" }));
}

/** Reads a line a package: name, version, essential, what it needs before and after its installation, other names; tabs between. */
export function parsePackages(lines: string): DebianPackage[] {
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [name = "", version = "", essential, before = "", after = "", provides = ""] = line.split("\t");
      const needs = [before, after].flatMap(listOf).map((need) => need.split("|").map(nameOf));
      return { name, version, essential: essential === "yes", needs, provides: listOf(provides).map(nameOf) };
    });
}

/** The packages with all that they need, by their names, sorted. Throws where one of those asked for is not installed. */
export function withNeeds(wanted: readonly string[], installed: readonly DebianPackage[]): string[] {
  const byName = new Map(installed.flatMap((one) => one.provides.map((name) => [name, one] as const)));
  for (const one of installed) byName.set(one.name, one);
  const missing = wanted.filter((name) => !byName.has(name));
  if (missing.length > 0)
    throw new Error(`not installed: ${missing.join(", ")} (apt-get install ${missing.join(" ")})`);
  const found = new Set<string>();
  const visit = (name: string): void => {
    const one = byName.get(name);
    if (one === undefined || found.has(one.name)) return;
    found.add(one.name);
    for (const choices of one.needs) visit(choices.find((choice) => byName.has(choice)) ?? "");
  };
  for (const name of wanted) visit(name);
  return [...found].sort();
}

/** Every file, link and folder of the packages, from the root: `usr/bin/git`. As they lie here, where /bin is a link. */
export function filesOf(packages: readonly string[]): string[] {
  const listed = execFileSync("dpkg-query", ["--listfiles", ...packages], { encoding: "utf8", maxBuffer: 100_000_000 });
  const folders = new Map<string, string | undefined>();
  const place = (path: string): string | undefined => {
    const folder = dirname(path);
    if (!folders.has(folder)) folders.set(folder, realpathOf(folder));
    const real = folders.get(folder);
    return real === undefined ? undefined : join(real, basename(path)).slice(1);
  };
  const paths = listed.split("\n").filter((line) => line.startsWith("/") && line !== "/.");
  return [...new Set(paths.map(place).filter((path) => path !== undefined))];
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // A machine may have thrown away its pages of documentation.
  }
}

const listOf = (text: string): string[] => text.split(",").filter((each) => each.trim() !== "");

/** Without version and architecture: `libc6:any (>= 2.36)` is libc6. */
const nameOf = (text: string): string => text.trim().replace(/[ (:].*$/s, "");
