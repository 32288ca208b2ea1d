import { resolve } from "node:path";
import { type Workspace, violations } from "./import-graph.ts";
import { importsOf, readWorkspaces } from "./read-workspaces.ts";

const events = workspace("packages/events");
const messaging = workspace("packages/messaging");
const testing = workspace("packages/testing");
const sqlite = workspace("packages/drivers/sqlite");
const gitAgent = workspace("services/git-agent");

test("the house keeps its import graph", () => {
  expect(violations(readWorkspaces(resolve(import.meta.dirname, "..")))).toEqual([]);
});

test("a workspace may use what stands below it", () => {
  expect(
    violations([events, messaging, workspace("services/coach-agent", { dependencies: [messaging.name, events.name] })]),
  ).toEqual([]);
});

test("a workspace may not use what stands above it", () => {
  expect(violations([messaging, workspace("packages/events", { dependencies: [messaging.name] })])).toEqual([
    "packages/events/package.json: packages/events may not use packages/messaging, which does not stand below it",
  ]);
});

test("services never use services, not even for their tests", () => {
  expect(violations([gitAgent, workspace("services/coach-agent", { devDependencies: [gitAgent.name] })])).toEqual([
    "services/coach-agent/package.json: services/coach-agent may not use services/git-agent, which does not stand below it",
  ]);
});

test("siblings are strangers, but for the broker and its SQLite log", () => {
  const broker = workspace("packages/broker", { dependencies: [sqlite.name] });
  const host = workspace("packages/agent-host", { dependencies: [sqlite.name] });
  expect(violations([sqlite, broker, host])).toEqual([
    "packages/agent-host/package.json: packages/agent-host may not use packages/drivers/sqlite, which does not stand below it",
  ]);
});

test("a driver's tests may use packages/testing, its code may not", () => {
  const tested = workspace("packages/drivers/redis", { devDependencies: [testing.name] });
  expect(violations([testing, tested])).toEqual([]);
  const mixed = workspace("packages/drivers/redis", { dependencies: [testing.name] });
  expect(violations([testing, mixed])).toEqual([
    "packages/drivers/redis/package.json: @contextpilot/testing is for tests, a devDependency",
  ]);
});

test("messaging may not use packages/testing, which is made of it", () => {
  expect(violations([testing, workspace("packages/messaging", { devDependencies: [testing.name] })])).toHaveLength(1);
});

test("a workspace that stands in no layer is named", () => {
  expect(violations([workspace("packages/surprise")])).toEqual([
    "packages/surprise/package.json: packages/surprise stands in no layer of scripts/import-graph.ts",
  ]);
});

test("what a file imports is in its package.json", () => {
  const files = [{ path: "src/log.ts", imports: ["node:fs", "pino/file", "@fastify/sse"] }];
  expect(violations([workspace("packages/agent-host", { files })])).toEqual([
    "packages/agent-host/src/log.ts: pino is not in the workspace's package.json",
    "packages/agent-host/src/log.ts: @fastify/sse is not in the workspace's package.json",
  ]);
});

test("a development dependency is for tests and what only they import", () => {
  const files = [
    { path: "src/impact.ts", imports: ["fast-check", "./lines.ts"] },
    { path: "src/lines.ts", imports: ["fast-check"] },
    { path: "src/impact.test.ts", imports: ["fast-check", "./lines.ts", "./commits.ts"] },
    { path: "src/commits.ts", imports: ["fast-check"] },
  ];
  expect(violations([workspace("services/context-agent", { devDependencies: ["fast-check"], files })])).toEqual([
    "services/context-agent/src/impact.ts: fast-check is a devDependency, and this is no test",
    "services/context-agent/src/lines.ts: fast-check is a devDependency, and this is no test",
  ]);
});

test("a relative import stays in its workspace", () => {
  const files = [{ path: "src/deep/a.ts", imports: ["../b.ts", "../../package.json", "../../../events/src/index.ts"] }];
  expect(violations([workspace("packages/topology", { files })])).toEqual([
    "packages/topology/src/deep/a.ts: ../../../events/src/index.ts leaves the workspace; import it by its name",
  ]);
});

test("every way of importing is seen, and no string that only looks like one", () => {
  const source = `
    import a from "a"; import type { B } from "b"; import "c"; export { d } from "d"; export * from "e"; export * as f from "f";
    const g = () => import("g"); type H = import("h").H; const not = 'import "i"'; // import "j"
  `;
  expect(importsOf(source)).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
});

function workspace(folder: string, parts: Partial<Workspace> = {}): Workspace {
  return {
    folder,
    name: `@contextpilot/${folder.split("/").at(-1)}`,
    dependencies: [],
    devDependencies: [],
    files: [],
    ...parts,
  };
}
