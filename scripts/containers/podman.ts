import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { runHealthChecks } from "./health-checks.ts";

const run = promisify(execFile);

/** What Debian needs for an engine of its own, with names for containers, and for docker-compose.yml. */
const PACKAGES = ["podman", "runc", "netavark", "aardvark-dns", "iptables", "docker-compose"];
/** Podman under docker's name, where that is missing. */
const DOCKER_COMMAND = "podman-docker";
const START_WITHIN_MS = 30_000;

/** Machines without systemd or a user's limits refuse what podman would ask for by default. */
const SETTINGS = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
`;

/** Whether an engine answers a docker client of this environment. */
export function engineAnswers(env: NodeJS.ProcessEnv): boolean {
  return spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { env, stdio: "ignore" }).status === 0;
}

/** Installs podman from Debian's packages where it is missing. Rejects, with the remedy, where that cannot be done. */
export async function ensurePodman(say: (text: string) => void): Promise<void> {
  const missing = [
    ...(["podman", "runc", "docker-compose"].every(isThere) ? [] : PACKAGES),
    ...(isThere("docker") ? [] : [DOCKER_COMMAND]),
  ];
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isThere("apt-get")) {
    throw new Error(
      "no container engine answers: start Docker or set DOCKER_HOST; on Debian, as root, this installs podman by itself",
    );
  }
  say(`installing ${missing.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { env, maxBuffer: 50_000_000 });
}

/** Podman's service, which speaks docker's API on a socket in the folder, for this user alone. */
export class PodmanService {
  /** What a docker client, docker-compose, testcontainers and podman itself must be told. */
  readonly env: NodeJS.ProcessEnv;
  readonly #process: ChildProcess;
  readonly #stopping = new AbortController();
  #healthChecks: Promise<void> | undefined;

  private constructor(env: NodeJS.ProcessEnv, child: ChildProcess) {
    this.env = env;
    this.#process = child;
  }

  /** The settings by which podman runs on a machine like this, in a file in the folder: a variable that names it. */
  static async settings(folder: string): Promise<NodeJS.ProcessEnv> {
    const file = join(folder, "containers.conf");
    await writeFile(file, SETTINGS);
    // Builds without a container of their own: a machine may allow no nested ones.
    return { CONTAINERS_CONF: file, BUILDAH_ISOLATION: "chroot" };
  }

  /** Resolves when it answers. */
  static async start(folder: string, settings: NodeJS.ProcessEnv): Promise<PodmanService> {
    const socket = join(folder, "podman.sock");
    const child = spawn("podman", ["system", "service", "--time=0", `unix://${socket}`], {
      env: { ...process.env, ...settings },
      stdio: ["ignore", "ignore", "pipe"],
    });
    // It complains of each thing that the machine has not; what it said last matters when it ends.
    let complaints = "";
    child.stderr.on("data", (chunk: Buffer) => (complaints = `${complaints}${chunk.toString()}`.slice(-2_000)));
    const host = { DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: "0", TESTCONTAINERS_RYUK_DISABLED: "true" };
    const service = new PodmanService({ ...settings, ...host }, child);
    const deadline = Date.now() + START_WITHIN_MS;
    while (!(await answers(socket))) {
      if (child.exitCode !== null) throw new Error(`podman's service ended with ${child.exitCode}: ${complaints}`);
      if (Date.now() > deadline) {
        await service.stop();
        throw new Error(`podman's service did not answer within ${START_WITHIN_MS / 1000} s: ${complaints}`);
      }
      await delay(50);
    }
    if (!existsSync("/run/systemd/system")) {
      service.#healthChecks = runHealthChecks(socket, service.#stopping.signal);
    }
    return service;
  }

  /** Ends it; containers that run go on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#healthChecks;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: "/_ping", timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });
}

function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}
