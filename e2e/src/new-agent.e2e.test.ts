import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runProgram } from "./run-program.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const TREE = ["packages", "services", "scripts", "package.json", "pnpm-workspace.yaml", "tsconfig.json"];

/** The agent as docs/adding-an-agent.md says: one folder… */
const AGENT: Record<string, string> = {
  "package.json": JSON.stringify({
    name: "@contextpilot/greeter-agent",
    version: "0.1.0",
    private: true,
    type: "module",
    exports: "./src/index.ts",
    dependencies: { "@contextpilot/events": "workspace:*", "@contextpilot/messaging": "workspace:*" },
  }),
  "src/index.ts": `export { handlers } from "./handlers.ts";\n`,
  "src/handlers.ts": `
import { handlersOf } from "@contextpilot/messaging";
import { greetAuthor } from "./greet-author.ts";

export const handlers = handlersOf("greeter-agent", { "git.commit.v1": greetAuthor });
`,
  "src/greet-author.ts": `
import { derivedId, strategyInsight } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";

export const greetAuthor = handler("git.commit.v1", {
  decide: ({ data: { repository, commit_hash, files_changed } }) => {
    const insight_id = derivedId("greeting", repository, commit_hash);
    const greeting = { insight_id, rule: "greeting", repository, title: "A greeting", files: files_changed, evidence: {}, commit_hash };
    return { events: [strategyInsight({ ...greeting, severity: "low" }, { key: [insight_id] })] };
  },
});
`,
};

/** … one entry in the topology … */
const ENTRY = {
  services: `"greeter-agent": { says: ["strategy.insight"] },`,
  subscriptions: `"greeter-from-git": { topic: "git-events", service: "greeter-agent", hears: ["git.commit"], ordered: true, ackDeadlineSeconds: 60 },`,
};

let copy: string;
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), "contextpilot-new-agent-"));
});
afterEach(() => rm(copy, { recursive: true, force: true }));

test("a new agent is a folder, an entry in the topology and the house's line; it is heard with the first push", async () => {
  await copyTree();
  await addFolder();
  await insert("packages/topology/src/topology.ts", "export const services = {", ENTRY.services);
  await insert("packages/topology/src/topology.ts", "export const subscriptions = {", ENTRY.subscriptions);
  // The one line that is left cannot be forgotten.
  expect(await compile()).toMatch(/open-receivers\.ts.*\n?.*greeter-agent/);

  await letTheHouseRunIt();
  expect(await compile()).toBe("");
  expect(await run(process.execPath, ["scripts/check-imports.ts"])).toBe("");

  const house = runProgram(pathToFileURL(join(copy, "packages/cli/src/main.ts")), ["up", "--once"]);
  expect([await house.ended(), house.errors()]).toEqual([0, ""]);
  expect(house.lines.join("\n")).toContain("A greeting (low)");
}, 120_000);

/** All of the project but its dependencies, which are found where they are. */
async function copyTree(): Promise<void> {
  for (const part of TREE) await cp(join(ROOT, part), join(copy, part), { recursive: true, verbatimSymlinks: true });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
}

async function addFolder(): Promise<void> {
  const folder = join(copy, "services/greeter-agent");
  await mkdir(join(folder, "src"), { recursive: true });
  for (const [file, text] of Object.entries(AGENT)) await writeFile(join(folder, file), text);
  for (const name of ["events", "messaging"])
    await link("services/greeter-agent", name, `../../../../packages/${name}`);
}

async function letTheHouseRunIt(): Promise<void> {
  const receivers = "packages/cli/src/house/open-receivers.ts";
  await insert(receivers, "", `import { handlers as greeterHandlers } from "@contextpilot/greeter-agent";`);
  await insert(receivers, "const agents: Agents = {", `"greeter-agent": greeterHandlers,`);
  await insert("packages/cli/package.json", `"dependencies": {`, `"@contextpilot/greeter-agent": "workspace:*",`);
  await link("packages/cli", "greeter-agent", "../../../../services/greeter-agent");
}

/** As `pnpm install` does it. */
async function link(workspace: string, name: string, target: string): Promise<void> {
  const folder = join(copy, workspace, "node_modules/@contextpilot");
  await mkdir(folder, { recursive: true });
  await symlink(target, join(folder, name));
}

async function insert(file: string, behind: string, line: string): Promise<void> {
  const text = await readFile(join(copy, file), "utf8");
  const at = text.indexOf(behind);
  expect(at).not.toBe(-1);
  await writeFile(join(copy, file), `${text.slice(0, at + behind.length)}\n${line}${text.slice(at + behind.length)}`);
}

/** What the compiler finds wrong. */
const compile = (): Promise<string> => run(join(ROOT, "node_modules/.bin/tsc"), ["--noEmit", "-p", "."]);

/** Runs a program in the copy; gives what it printed where it failed, else nothing. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolveWith) => {
    const env = { ...process.env, PATH: `${resolve(process.execPath, "..")}:${process.env["PATH"]}` };
    execFile(command, args, { cwd: copy, env }, (error, out, err) => resolveWith(error === null ? "" : out + err));
  });
}
