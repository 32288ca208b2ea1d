import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export interface Start {
  /** From the start of the process until it says where it listens, in milliseconds. */
  readonly ms: number;
  /** What the process has in memory then, in MB (10^6 bytes). */
  readonly residentMb: number;
}

/** An agent's environment: its dependencies are at addresses where nobody listens, and it needs none of them to listen. */
const ENVIRONMENT = {
  // As an image sets it.
  TZ: "UTC",
  PORT: "0",
  GCP_PROJECT_ID: "bench",
  PUBSUB_EMULATOR_HOST: "127.0.0.1:1",
  FIRESTORE_EMULATOR_HOST: "127.0.0.1:1",
  PUSH_AUDIENCE: "bench",
  PUSH_SERVICE_ACCOUNTS: "bench@example.com",
};

/** Starts a program once, and ends it. Its memory is what `memoryOf` says of its process id, by default what ps says. */
export async function timedStart(
  program: string,
  memoryOf: (pid: number | undefined) => number | Promise<number> = residentMbOf,
): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program], { env: ENVIRONMENT, stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes('"address"')) continue;
      const ms = performance.now() - startedAt;
      return { ms, residentMb: await memoryOf(child.pid) };
    }
    throw new Error(`${program} ended before it listened`);
  } finally {
    // What it compiled is to stay as it was: a process that ends in order would write it down.
    child.kill("SIGKILL");
    await exit;
  }
}

async function residentMbOf(pid: number | undefined): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return (Number(stdout) * 1024) / 1e6;
}
