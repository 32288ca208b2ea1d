import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describeWithEngine } from "@contextpilot/testing";

const LEFT_PROJECTS = new URL("../../scripts/containers/left-projects.ts", import.meta.url);
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
    const remove = `console.log(await (await import("${LEFT_PROJECTS.href}")).removeLeftProjects({}))`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", remove]);
    expect(stdout).toBe(`[ '${projectOf(ended)}' ]\n`);
    await expect(leftOf(projectOf(ended))).resolves.toEqual([]);
    await expect(leftOf(projectOf(process.pid))).resolves.toEqual(["ps", "network", "volume"]);
  });
});
