import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "@swc/core";
import type { SourceFile, Workspace } from "./import-graph.ts";
import { workspaceFolders } from "./workspaces.mjs";

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** All workspaces below the root folder, and the root itself with its scripts, with what each file imports. */
export function readWorkspaces(root: string): Workspace[] {
  return [".", ...workspaceFolders(root)].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
    return {
      folder,
      name: manifest.name,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
      files: readFiles(join(root, folder), folder === "." ? "scripts/*.{ts,mjs}" : "**/*.{ts,mts,mjs,js}"),
    };
  });
}

function readFiles(folder: string, pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: folder, exclude: (path) => path.split("/").at(-1) === "node_modules" })
    .sort()
    .map((path) => ({ path, imports: importsOf(readFileSync(join(folder, path), "utf8")) }));
}

/** What a module imports or re-exports: declarations, `import()` of a literal, and `import("…")` in types. */
export function importsOf(source: string): string[] {
  const found = new Set<string>();
  visit(parseSync(source, { syntax: "typescript", target: "es2024" }), found);
  return [...found];
}

function visit(node: SyntaxNode, found: Set<string>): void {
  for (const specifier of specifiersOf(node)) if (typeof specifier === "string") found.add(specifier);
  for (const child of Object.values(node)) if (typeof child === "object" && child !== null) visit(child, found);
}

/** The few fields of swc's syntax tree that name a module. */
interface SyntaxNode {
  readonly type?: string;
  readonly source?: { readonly value?: unknown } | null;
  readonly callee?: { readonly type?: string };
  readonly arguments?: readonly { readonly expression?: { readonly value?: unknown } }[];
  readonly argument?: { readonly value?: unknown };
}

function specifiersOf(node: SyntaxNode): unknown[] {
  if (/^(Import|Export(All|Named))Declaration$/.test(node.type ?? "")) return [node.source?.value];
  if (node.type === "TsImportType") return [node.argument?.value];
  return node.callee?.type === "Import" ? [node.arguments?.[0]?.expression?.value] : [];
}
