import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** As a container is run in production: it writes nowhere, and may do nothing that root may. */
const LIMITS = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"];

export interface ContainerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder in memory. */
  readonly memory?: string | undefined;
  /** Where it listens. Default: 8080. */
  readonly port?: number;
}

/** A container of an image, on a port of this machine's own; by its starter it is removed. */
export class Container {
  readonly #id: string;
  readonly #port: number;

  private constructor(id: string, port: number) {
    this.#id = id;
    this.#port = port;
  }

  static async start(image: string, options: ContainerOptions = {}): Promise<Container> {
    const { environment = {}, memory, port = 8080 } = options;
    const told = Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`);
    const folder = memory === undefined ? [] : [`--tmpfs=${memory}`];
    const id = await docker("run", "--detach", ...LIMITS, `--publish=127.0.0.1::${port}`, ...told, ...folder, image);
    return new Container(id, port);
  }

  /** `http://127.0.0.1:port` on this machine. */
  async address(): Promise<string> {
    return `http://${await docker("port", this.#id, String(this.#port))}`;
  }

  /** What a program for Node prints in the container. */
  tell(program: string): Promise<string> {
    return docker("exec", this.#id, "/nodejs/bin/node", "--eval", program);
  }

  /** Standard output and standard error so far. */
  async logs(): Promise<{ readonly out: string; readonly err: string }> {
    const { stdout, stderr } = await run("docker", ["logs", this.#id]);
    return { out: stdout, err: stderr };
  }

  /** Asks it to end, and kills it after 10 s, as Cloud Run does; gives the exit code. */
  async stop(): Promise<number> {
    await docker("stop", "--time=10", this.#id);
    return this.ended();
  }

  /** Waits for its end; gives the exit code. */
  async ended(): Promise<number> {
    await docker("wait", this.#id);
    return Number(await docker("inspect", "--format={{.State.ExitCode}}", this.#id));
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", this.#id);
  }
}

/** What the docker command prints. Rejects with what it said where it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await run("docker", args, { maxBuffer: 50_000_000 })).stdout.trim();
}
