import type { InstalledPackage } from "./installed-packages.ts";

/** Licences under which a package may come with what we ship: all of them ask for no more than to be named. */
const ALLOWED: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "Zlib",
]);

/** What may be run at installation. Nothing: each package ships its binary or does without. */
const MAY_RUN: readonly string[] = [];

/** A package of which one licence is not known to be allowed, a line each. `OR` takes one that is, `AND` needs all. */
export function licenceProblems(packages: readonly InstalledPackage[]): string[] {
  return packages
    .filter(({ licence = "" }) => !isAllowed(licence))
    .map(({ name, version, licence = "none" }) => `${name} ${version} has a licence that is not allowed: ${licence}`);
}

function isAllowed(expression: string): boolean {
  const inner = expression.replace(/^\(([^()]*)\)$/, "$1");
  if (inner.includes(" OR ")) return inner.split(" OR ").some(isAllowed);
  return inner.split(" AND ").every((one) => ALLOWED.has(one));
}

/** A package that would run something at installation and about which pnpm-workspace.yaml's allowBuilds says nothing, or yes; a line each. */
export function installScriptProblems(
  packages: readonly InstalledPackage[],
  workspaceFile: string,
  mayRun: readonly string[] = MAY_RUN,
): string[] {
  const [, section = ""] = /^allowBuilds:\n((?: {2}.*\n)*)/m.exec(workspaceFile) ?? [];
  const decided = new Map(
    Array.from(section.matchAll(/^ {2}"?([^":]+)"?: (\S+)$/gm), ([, name = "", may = ""]) => [name, may] as const),
  );
  const silent = packages.filter(({ name, runsAtInstall }) => runsAtInstall && !decided.has(name));
  return [
    ...silent.map(({ name }) => `${name} has an install script: say in allowBuilds that it is not run`),
    ...[...decided]
      .filter(([name, may]) => may !== "false" && !mayRun.includes(name))
      .map(([name]) => `${name} may run an install script: nothing may`),
  ];
}

/** docs/licences.md: what comes with us, by its licence. */
export function licencePage(packages: readonly InstalledPackage[]): string {
  const byLicence = [...Map.groupBy(packages, ({ licence = "none" }) => licence)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const parts = byLicence.map(
    ([licence, all]) => `## ${licence}\n\n${all.map(({ name, version }) => `- ${name} ${version}\n`).join("")}`,
  );
  return `# Licences

What the services and the command line bring with them, without what only development needs. Written by \`node scripts/check-packages.ts --write\`;
\`npm run check\` compares it, and refuses a licence that scripts/package-rules.ts does not allow.

${parts.join("\n")}`;
}
