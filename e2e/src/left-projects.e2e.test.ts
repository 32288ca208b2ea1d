import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describeWithEngine } from "@contextpilot/testing";
import { runProgram } from "./run-program.ts";

const ENGINE = new URL("../../scripts/containers/engine.ts", import.meta.url);
const run = promisify(execFile);
const IMAGE = "gcr.io/distroless/nodejs24-debian13:nonroot";
const LABEL = "com.docker.compose.project";
const projectOf = (pid: number): string => `contextpilot-e2e-${pid}`;
const { pid: ended } = spawnSync("true");
const projects = [projectOf(ended), projectOf(process.pid)];

async function docker(...args: readonly string[]): Promise<string> {
  return (await run("docker", args)).stdout.trim();
}

async function leftOf(project: string): Promise<readonly string[]> {
  const filter = `--filter=label=${LABEL}=${project}`;
  const lists = [
    ["ps", "--all"],
    ["network", "ls"],
    ["volume", "ls"],
  ];
  const ids = await Promise.all(lists.map((list) => docker(...list, "--quiet", filter)));
  return lists.flatMap(([kind = ""], at) => (ids[at] === "" ? [] : [kind]));
}

describeWithEngine("what a killed test leaves in the engine", () => {
  afterAll(async () => {
    for (const project of projects) {
      await docker("rm", "--force", project);
      for (const kind of ["network", "volume"]) await docker(kind, "rm", project).catch(() => {});
    }
  });

  test("is removed, and what a living one has stays", async () => {
    for (const project of projects) {
      const label = `--label=${LABEL}=${project}`;
      await docker("network", "create", label, project);
      await docker("volume", "create", label, project);
      await docker("create", label, `--name=${project}`, `--network=${project}`, IMAGE, "nothing");
    }
    const { DOCKER_HOST = "" } = process.env;
    const engine = runProgram(ENGINE, ["true"], { environment: { DOCKER_HOST } });
    expect([await engine.ended(), engine.errors()]).toEqual([
      0,
      `engine: removed ${projectOf(ended)}, which a killed test had left\n`,
    ]);
    await expect(leftOf(projectOf(ended))).resolves.toEqual([]);
    await expect(leftOf(projectOf(process.pid))).resolves.toEqual(["ps", "network", "volume"]);
  });
});
