import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An npm that brings a pnpm, which notes each of its runs in a file instead of installing. */
const npmThatWorks = `#!/bin/sh
echo x >> npm-runs
mkdir -p .tools/node_modules/pnpm/bin node_modules
echo 'import fs from "node:fs"; fs.appendFileSync("pnpm-runs", "x")' > .tools/node_modules/pnpm/bin/pnpm.mjs
`;

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "clone-"));
  for (const script of ["bootstrap.mjs", "lock.mjs", "workspaces.mjs"]) {
    cpSync(join(import.meta.dirname, script), join(clone, "scripts", script));
  }
  mkdirSync(join(clone, "packages/events"), { recursive: true });
  writeFileSync(join(clone, "package.json"), "{}");
  writeFileSync(join(clone, "packages/events/package.json"), "{}");
  writeFileSync(join(clone, "pnpm-workspace.yaml"), "packages:\n  - packages/*\n\ncatalog: {}\n");
  writeFileSync(join(clone, "pnpm-lock.yaml"), "lockfileVersion: '9.0'\n");
});
afterEach(() => rmSync(clone, { recursive: true }));

test("a fresh clone is set up once, and standard output has the path of Node alone", () => {
  const first = bootstrapWith(npmThatWorks);
  expect(first).toMatchObject({ status: 0, stdout: `${process.execPath}\n` });
  expect(first.stderr.trim().split("\n")).toHaveLength(2);
  expect(bootstrapWith(npmThatWorks)).toEqual({ status: 0, stdout: `${process.execPath}\n`, stderr: "" });
  expect([runsOf("npm"), runsOf("pnpm")]).toEqual([1, 1]);
});

test("the libraries are installed again when a workspace asks for others", () => {
  bootstrapWith(npmThatWorks);
  writeFileSync(join(clone, "packages/events/package.json"), '{"dependencies":{"zod":"catalog:"}}');
  bootstrapWith(npmThatWorks);
  expect([runsOf("npm"), runsOf("pnpm")]).toEqual([1, 2]);
});

test("an npm without a network is reported with the remedy, and tried again the next time", () => {
  const offline = bootstrapWith("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2; exit 1\n");
  expect(offline).toMatchObject({ status: 1, stdout: "" });
  expect(offline.stderr).toContain("npm error code ENOTFOUND\nThe package registry cannot be reached");
  expect(bootstrapWith(npmThatWorks).status).toBe(0);
});

function bootstrapWith(npm: string): { status: number | null; stdout: string; stderr: string } {
  mkdirSync(join(clone, "bin"), { recursive: true });
  writeFileSync(join(clone, "bin/npm"), npm, { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(clone, "scripts/bootstrap.mjs")], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(clone, "bin")}:${process.env["PATH"]}` },
  });
  return { status, stdout, stderr };
}

function runsOf(program: "npm" | "pnpm"): number {
  return readFileSync(join(clone, `${program}-runs`), "utf8").replaceAll("\n", "").length;
}
