// Everything that can be said about the tree without running it. Runs every check even when one fails; shows what failed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, resolve } from "node:path";
import { text } from "node:stream/consumers";

const root = resolve(import.meta.dirname, "..");

const checks = [
  { name: "types", command: ["tsc", "--noEmit", "-p", "."] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings", "--report-unused-disable-directives"] },
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "import graph", command: ["node", "scripts/check-imports.ts"] },
  { name: "topology.json", command: ["node", "packages/topology/src/generate.ts", "--check"] },
  { name: "asyncapi", command: ["node", "packages/topology/src/asyncapi/generate.ts", "--check"] },
  { name: "compose file", command: ["node", "scripts/compose/generate.ts", "--check"] },
  { name: "packages", command: ["node", "scripts/check-packages.ts"] },
  { name: "event schemas", command: ["node", "packages/events/src/generate-schemas.ts", "--check"] },
] as const;

const path = [resolve(root, "node_modules/.bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter);

const failed: string[] = [];
for (const { name, command } of checks) {
  const start = performance.now();
  const { ok, output } = await outcomeOf(command);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name.padEnd(14)} ${ok ? "ok    " : "failed"} ${seconds} s`);
  if (ok) continue;
  console.log(output.trimEnd());
  failed.push(name);
}
if (failed.length > 0) console.log(`check failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function outcomeOf([program, ...args]: readonly [string, ...string[]]): Promise<{ ok: boolean; output: string }> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { ok: code === 0, output: out + err };
}
