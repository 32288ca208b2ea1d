import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { until } from "../until.ts";

/** One of the emulators that come with Google's SDK: a jar, run by Java. */
export interface EmulatorKind {
  /** As people call it. */
  readonly name: string;
  /** Below the SDK's folder; the newest where there are several. */
  jar(sdk: string): string | undefined;
  /** The component that `gcloud components install` brings it with. */
  readonly component: string;
  /** Of a jar that does not say itself which class is run. */
  readonly mainClass?: string;
  /** What follows the jar on the command line. */
  arguments(port: number): readonly string[];
}

const START_WITHIN_MS = 60_000;
const ANSWER_WITHIN_MS = 1_000;
const END_WITHIN_MS = 5_000;
/** A small heap and a quick start: a test sends little, and several run at once. */
const JAVA_OPTIONS = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.language=en"];

/** A running emulator on a port of its own, on 127.0.0.1. What it holds is in its memory, and goes with its process. */
export class Emulator {
  /** `127.0.0.1:port`; the same after {@link start}. */
  readonly host: string;
  readonly #command: readonly string[];
  #process: ChildProcess | undefined;

  constructor(port: number, command: readonly string[]) {
    this.host = `127.0.0.1:${port}`;
    this.#command = command;
  }

  /** Resolves when it answers. Again after {@link kill}: an empty one on the same port. */
  async start(): Promise<void> {
    const child = spawn("java", [...this.#command], { stdio: "ignore" });
    this.#process = child;
    // A process that ends without its owner's stop, by an error for one, leaves no emulator behind.
    const end = (): void => void child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    // Both emulators answer Ok to GET /.
    const started = until(
      () => child.exitCode !== null || this.#answers(),
      () => `an answer of the emulator at ${this.host}`,
      { withinMs: START_WITHIN_MS, everyMs: 50 },
    );
    await started.catch(async (error: unknown) => {
      await this.kill();
      throw error;
    });
    if (child.exitCode !== null)
      throw new Error(`the emulator ended with ${child.exitCode}: ${this.#command.join(" ")}`);
  }

  /** Ends it as a crash would; what it held is gone. Safe to call again. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
    await ended;
    clearTimeout(late);
  }

  async #answers(): Promise<boolean> {
    try {
      // What is asked while it begins to listen may never be answered.
      return (await fetch(`http://${this.host}/`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok;
    } catch {
      return false;
    }
  }
}

/** Why the emulator cannot be run here, or how it is run. */
type Found = { readonly missing: string } | { readonly jar: string };

/** Starts one on a free port. Rejects with what is missing. */
export async function startEmulator(kind: EmulatorKind): Promise<Emulator> {
  const found = findEmulator(kind);
  if ("missing" in found) throw new Error(`${kind.name} cannot be started: it ${found.missing}`);
  const port = await freePort();
  const run = kind.mainClass === undefined ? ["-jar", found.jar] : ["-cp", found.jar, kind.mainClass];
  const emulator = new Emulator(port, [...JAVA_OPTIONS, ...run, ...kind.arguments(port)]);
  await emulator.start();
  return emulator;
}

/**
 * A group of tests that share an emulator. Where it cannot be run they are skipped, by name and with what is missing; a run in CI
 * takes no skip (scripts/test.ts).
 */
export function describeOn(kind: EmulatorKind, name: string, tests: (emulator: () => Emulator) => void): void {
  const found = findEmulator(kind);
  const current: { emulator?: Emulator } = {};
  const emulator = (): Emulator => {
    if (current.emulator === undefined) throw new Error(`${kind.name} has not been started`);
    return current.emulator;
  };
  if ("missing" in found) return describe.skip(`${name} [${found.missing}]`, () => tests(emulator));
  describe(name, () => {
    beforeAll(async () => {
      current.emulator = await startEmulator(kind);
    });
    afterAll(() => current.emulator?.kill("SIGTERM"));
    tests(emulator);
  });
}

/** Looks for the SDK and Java; a second, the first time. */
export function findEmulator(kind: EmulatorKind): Found {
  const sdk = sdkRoot();
  if (sdk === undefined) return { missing: `needs ${kind.name}: Google's SDK, with gcloud on the PATH` };
  const jar = kind.jar(sdk);
  if (jar === undefined) return { missing: `needs ${kind.name}: gcloud components install ${kind.component}` };
  if (spawnSync("java", ["-version"]).status !== 0) return { missing: `needs ${kind.name}: Java on the PATH` };
  return { jar };
}

/** Where platform/ is; undefined without an SDK. */
function sdkRoot(): string | undefined {
  try {
    const root = execFileSync("gcloud", ["info", "--format=value(installation.sdk_root)"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return existsSync(join(root, "platform")) ? root : undefined;
  } catch {
    return undefined;
  }
}

/** The emulator takes no port 0: it would listen on a free one, and say 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
