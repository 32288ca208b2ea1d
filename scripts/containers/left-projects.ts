import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROJECT_LABEL = "com.docker.compose.project";
/** As e2e/src/composed/composed-house.ts names them: by the process whose they are. */
const TEST_PROJECT = /^contextpilot-e2e-(\d+)$/;

/**
 * Removes the composed houses of tests that were killed: their containers, networks and volumes. Gives the projects' names. The ports that
 * such a container published stay diverted to it, whoever listens there later, until it is removed. Only for an engine of this machine: whether
 * a test still runs is asked of its process here.
 */
export async function removeLeftProjects(engine: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const docker = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await run("docker", args, { env: { ...process.env, ...engine } });
    return stdout.split("\n").filter(Boolean);
  };
  const named = [`--filter=label=${PROJECT_LABEL}`, `--format={{.Label "${PROJECT_LABEL}"}}`];
  const left = [...new Set(await docker("ps", "--all", ...named))].filter(isLeft);
  for (const project of left) {
    const ofProject = ["--quiet", `--filter=label=${PROJECT_LABEL}=${project}`];
    const kinds = [
      { list: ["ps", "--all"], remove: ["rm", "--force", "--volumes"] },
      { list: ["network", "ls"], remove: ["network", "rm"] },
      { list: ["volume", "ls"], remove: ["volume", "rm", "--force"] },
    ];
    for (const { list, remove } of kinds) {
      const ids = await docker(...list, ...ofProject);
      if (ids.length > 0) await docker(...remove, ...ids);
    }
  }
  return left;
}

function isLeft(project: string): boolean {
  const [, pid] = TEST_PROJECT.exec(project) ?? [];
  return pid !== undefined && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
