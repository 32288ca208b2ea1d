/** A workspace as the import graph sees it. */
export interface Workspace {
  /** Relative to the root, `packages/events`; the root itself is `.`. */
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  /** Relative to the workspace: `src/index.ts`. */
  readonly path: string;
  /** Every specifier it imports or re-exports, types and dynamic imports included. */
  readonly imports: readonly string[];
}

export interface Rule {
  /** Lowest first, folders or `folder/*`. A workspace may use those of lower layers only. */
  readonly layers: readonly (readonly string[])[];
  /** Uses within one layer: for the code, or for its tests alone. */
  readonly siblings: readonly { readonly from: string; readonly to: string; readonly testsOnly: boolean }[];
  /** Never in `dependencies`. */
  readonly testsOnly: string;
}

/** Imports point one way: the later may use the earlier. */
export const houseRule: Rule = {
  layers: [
    ["packages/events"],
    ["packages/topology"],
    ["packages/messaging"],
    ["packages/broker", "packages/drivers/*", "packages/agent-host", "packages/testing"],
    ["packages/agent-process"],
    ["services/*"],
    ["packages/cli"],
    ["e2e", "bench", "examples", "infra"],
  ],
  siblings: [
    { from: "packages/broker", to: "packages/drivers/sqlite", testsOnly: false },
    { from: "packages/broker", to: "packages/testing", testsOnly: true },
    { from: "packages/drivers/*", to: "packages/testing", testsOnly: true },
    { from: "packages/agent-host", to: "packages/testing", testsOnly: true },
  ],
  testsOnly: "packages/testing",
};

/** Every breach of the rule, one sentence each that names the file to mend; empty when the tree keeps it. */
export function violations(workspaces: readonly Workspace[], rule: Rule = houseRule): string[] {
  const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]));
  return workspaces.flatMap((workspace) => [
    ...layerViolations(workspace, byName, rule),
    ...workspace.files.flatMap((file) => importViolations(workspace, file)),
  ]);
}

function layerViolations(from: Workspace, byName: ReadonlyMap<string, Workspace>, rule: Rule): string[] {
  const manifest = pathIn(from, "package.json");
  const fromLayer = layerOf(from, rule);
  if (fromLayer === undefined) return [`${manifest}: ${from.folder} stands in no layer of scripts/import-graph.ts`];
  const uses = [
    ...from.dependencies.map((name) => ({ name, forTests: false })),
    ...from.devDependencies.map((name) => ({ name, forTests: true })),
  ];
  return uses.flatMap(({ name, forTests }) => {
    const to = byName.get(name);
    if (to === undefined) return [];
    if (to.folder === rule.testsOnly && !forTests) return [`${manifest}: ${name} is for tests, a devDependency`];
    const toLayer = layerOf(to, rule);
    if (toLayer === undefined || toLayer < fromLayer) return [];
    const allowed = rule.siblings.some(
      (sibling) => matches(sibling.from, from) && matches(sibling.to, to) && (forTests || !sibling.testsOnly),
    );
    if (allowed) return [];
    return [`${manifest}: ${from.folder} may not use ${to.folder}, which does not stand below it`];
  });
}

function importViolations(workspace: Workspace, file: SourceFile): string[] {
  const path = pathIn(workspace, file.path);
  return file.imports.flatMap((specifier) => {
    if (specifier.startsWith("node:")) return [];
    if (/^\.{0,2}\//.test(specifier)) {
      return leaves(file.path, specifier) ? [`${path}: ${specifier} leaves the workspace; import it by its name`] : [];
    }
    const name = packageOf(specifier);
    if (workspace.dependencies.includes(name)) return [];
    if (!workspace.devDependencies.includes(name)) return [`${path}: ${name} is not in the workspace's package.json`];
    return mayUseDevDependencies(workspace, file) ? [] : [`${path}: ${name} is a devDependency, and this is no test`];
  });
}

/** Nothing is ever built upon the root, the end-to-end tests, the benchmarks and the tests of infra, so all that they use is for development. */
function mayUseDevDependencies(workspace: Workspace, file: SourceFile): boolean {
  return [".", "e2e", "bench", "infra"].includes(workspace.folder) || servesTests(workspace, file);
}

/** A test, or a file that tests alone import. Files that import each other are judged by who imports them from outside. */
function servesTests(workspace: Workspace, file: SourceFile, judging: readonly SourceFile[] = []): boolean {
  if (file.path.endsWith(".test.ts") || judging.includes(file)) return true;
  const importers = workspace.files.filter((other) =>
    other.imports.some(
      (specifier) => specifier.startsWith(".") && pathnameOf(other.path, specifier) === inside + file.path,
    ),
  );
  return importers.length > 0 && importers.every((importer) => servesTests(workspace, importer, [...judging, file]));
}

/** The root holds the scripts, which set up all the others and so stand below them. */
function layerOf(workspace: Workspace, rule: Rule): number | undefined {
  if (workspace.folder === ".") return -1;
  const layer = rule.layers.findIndex((folders) => folders.some((pattern) => matches(pattern, workspace)));
  return layer === -1 ? undefined : layer;
}

function matches(pattern: string, { folder }: Workspace): boolean {
  if (!pattern.endsWith("/*")) return pattern === folder;
  return folder.startsWith(pattern.slice(0, -1));
}

function leaves(file: string, specifier: string): boolean {
  return !pathnameOf(file, specifier).startsWith(inside);
}

/** Where a workspace is imagined to lie while relative imports are resolved. */
const inside = "/house/workspace/";

function pathnameOf(file: string, specifier: string): string {
  return new URL(specifier, `file://${inside}${file}`).pathname;
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function pathIn({ folder }: Workspace, path: string): string {
  return folder === "." ? path : `${folder}/${path}`;
}
