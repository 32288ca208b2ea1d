import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { promisify } from "node:util";
import { ROOT } from "./processes.ts";

const run = promisify(execFile);
const SETTING_OF_ENGINES = /^(?:DOCKER_|CONTAINERS_|BUILDAH_|XDG_|HOME$|PATH$)/;

const answers = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: "ignore" }).status === 0;

/** Why containers cannot be composed here; undefined where they can. */
export function missingEngine(): string | undefined {
  const composes = answers("docker", "compose", "version") || answers("docker-compose", "version");
  if (composes && answers("docker", "version", "--format", "{{.Server.Version}}")) return undefined;
  return "needs a container engine and docker compose: npm run engine -- npm test";
}

/** The variables by which programs find the engine. */
export const engineSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = ""]) => (SETTING_OF_ENGINES.test(name) ? [[name, value]] : [])),
  );

/** Docker's commands over one composed project, which its environment names. */
export class ComposeEngine {
  readonly environment: Readonly<Record<string, string>>;
  readonly #environmentFile: string;
  readonly #compose: readonly [string, ...string[]];

  constructor(environment: Readonly<Record<string, string>>, environmentFile: string) {
    this.environment = environment;
    this.#environmentFile = environmentFile;
    this.#compose = [
      ...(answers("docker", "compose", "version") ? (["docker", "compose"] as const) : (["docker-compose"] as const)),
      "--env-file",
      environmentFile,
    ];
  }

  /** The same project, told otherwise. */
  with(environment: Readonly<Record<string, string>>): ComposeEngine {
    return new ComposeEngine({ ...this.environment, ...environment }, this.#environmentFile);
  }

  /** Runs a command of compose to its end; gives its standard output. Rejects, with what it said, where it fails. */
  async compose(...args: readonly string[]): Promise<string> {
    const [program, ...words] = this.#compose;
    const { stdout } = await run(program, [...words, ...args], { cwd: ROOT, env: this.environment });
    return stdout;
  }

  /** Starts what gives the log of a service's container from its first line on, until that ends; undefined where there is none. */
  async followLog(service: string): Promise<ChildProcess | undefined> {
    const labels = { project: this.environment["COMPOSE_PROJECT_NAME"], service };
    const filters = Object.entries(labels).map(([name, value]) => `--filter=label=com.docker.compose.${name}=${value}`);
    const [id] = (await this.docker("ps", "--all", "--quiet", ...filters)).split("\n");
    if (id === undefined || id === "") return undefined;
    return spawn("docker", ["logs", "--follow", id], { env: this.environment, stdio: ["ignore", "pipe", "ignore"] });
  }

  /** Runs a command of docker; gives its standard output, without the last newline. */
  async docker(...args: readonly string[]): Promise<string> {
    return (await run("docker", args, { env: this.environment })).stdout.trimEnd();
  }

  /** What there is of the project: its containers, networks and volumes, by their names. */
  async leftovers(): Promise<readonly string[]> {
    const filter = `--filter=label=com.docker.compose.project=${this.environment["COMPOSE_PROJECT_NAME"]}`;
    const lists = [
      ["ps", "--all", "--format={{.Names}}", filter],
      ["network", "ls", "--format={{.Name}}", filter],
      ["volume", "ls", "--format={{.Name}}", filter],
    ];
    const all = await Promise.all(lists.map((args) => this.docker(...args)));
    return all.flatMap((lines) => lines.split("\n").filter(Boolean));
  }
}
