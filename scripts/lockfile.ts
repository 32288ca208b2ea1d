/** Packages that may stand in the lockfile in several versions of one major, and why. */
const SEVERAL: Readonly<Record<string, string>> = {
  "@opentelemetry/api": "google-gax asks for a newer one than the SDK",
  "@opentelemetry/core": "the exporter and Google's Pub/Sub client ask for a newer one than sdk-trace-node",
  "@opentelemetry/resources": "as core",
  "@opentelemetry/sdk-trace": "as core",
  ret: "what checks bills of materials in the tests asks for an older one than fastify",
};

/**
 * What is wrong with a pnpm lockfile, a line each: addresses to download from (where packages come from is the registry's affair, and
 * integrity is by hash), packages without a hash, and packages in several versions of one major without a reason.
 */
export function lockfileProblems(lockfile: string, reasons: Readonly<Record<string, string>> = SEVERAL): string[] {
  const entries = packagesIn(lockfile);
  const versions = Map.groupBy(entries, ({ name, version }) => `${name} ${version.split(".")[0]}`);
  const several = [...versions.values()].filter((all) => all.length > 1);
  const namesOfSeveral = new Set(several.flatMap((all) => all.map(({ name }) => name)));
  return [
    ...(entries.length === 0 ? ["the lockfile has no packages that can be read: its form has changed"] : []),
    ...lockfile
      .split("\n")
      .flatMap((line, at) => (ADDRESS.test(line) ? [`line ${at + 1} has an address: ${line.trim()}`] : [])),
    ...entries.filter(({ hashed }) => !hashed).map(({ name, version }) => `${name} ${version} has no integrity hash`),
    ...several
      .filter(([first]) => !Object.hasOwn(reasons, first?.name ?? ""))
      .map((all) => `${all[0]?.name} is there as ${all.map(({ version }) => version).join(" and ")}: one would do`),
    ...Object.keys(reasons)
      .filter((name) => !namesOfSeveral.has(name))
      .map((name) => `${name} is there once by now: its reason can go`),
  ];
}

const ADDRESS = /\btarball:|\b(?:https?|git|ssh|git\+\w+):\/\//;

function packagesIn(lockfile: string): { name: string; version: string; hashed: boolean }[] {
  const [, section = ""] = /^packages:\n([^]*?)^\S/m.exec(lockfile) ?? [];
  return Array.from(
    section.matchAll(/^ {2}'?(@?[^@'\s]+)@([^':\s]+)'?:\n {4}(.*)$/gm),
    ([, name = "", version = "", resolution = ""]) => ({
      name,
      version,
      hashed: /^resolution: \{integrity: sha\d+-[\w+/=]+\}$/.test(resolution),
    }),
  );
}
