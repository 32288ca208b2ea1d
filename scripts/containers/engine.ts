// A container engine for a command, where none answers: podman from Debian's packages. `--help` says more.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBaseImages } from "./base-images.ts";
import { removeLeftProjects } from "./left-projects.ts";
import { ensurePodman, engineAnswers, PodmanService } from "./podman.ts";

const USAGE = `npm run engine -- [<command> [its arguments]]

Runs a command with a container engine: npm run engine -- npm test

Where one answers docker already it is that. Elsewhere, on Debian and as root, podman is installed and serves docker, docker-compose and
testcontainers on a socket while the command runs (DOCKER_HOST); base images that no registry gives are made of this machine's packages.
Without a command it serves until it is stopped, and prints what a shell must be told.`;

const [command, ...args] = process.argv.slice(2);
const say = (text: string): void => console.error(`engine: ${text}`);
if (command === "--help" || command === "-h") console.log(USAGE);
else {
  try {
    process.exitCode = engineAnswers(process.env) ? await withEngine({}) : await withPodman();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

async function withPodman(): Promise<number> {
  await ensurePodman(say);
  await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-engine-"));
  const settings = await PodmanService.settings(folder.path);
  await ensureBaseImages({ ...process.env, ...settings }, say);
  const service = await PodmanService.start(folder.path, settings);
  try {
    await tidy(service.env);
    const code = await withEngine(service.env);
    await tidy(service.env);
    return code;
  } finally {
    await service.stop();
  }
}

/** Runs the command; without one waits to be stopped. */
async function withEngine(engine: NodeJS.ProcessEnv): Promise<number> {
  if (command === undefined) {
    for (const [name, value] of Object.entries(engine)) console.log(`export ${name}=${value}`);
    say("serving until stopped (Ctrl-C)");
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    return 0;
  }
  const child = spawn(command, args, { env: { ...process.env, ...engine }, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

/** Of this machine's podman alone: another engine may serve other machines, of whose processes nothing is known here. */
async function tidy(engine: NodeJS.ProcessEnv): Promise<void> {
  try {
    for (const project of await removeLeftProjects(engine)) say(`removed ${project}, which a killed test had left`);
  } catch (error) {
    say(`what killed tests have left could not be removed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
