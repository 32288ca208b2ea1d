import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);
const LOOK_EVERY_MS = 1_000;

const containers = z.array(
  z.object({
    Id: z.string(),
    Config: z.object({ Healthcheck: z.object({ Test: z.array(z.string()), Interval: z.int().optional() }).optional() }),
  }),
);

/**
 * Runs the health checks of all containers in their intervals until it is aborted: podman leaves that to timers of systemd, and where
 * there is none a container would stay `starting` for ever. An interval is a whole number of seconds here.
 */
export async function runHealthChecks(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const podman = async (...args: string[]): Promise<string> =>
    (await run("podman", args, { env, signal, maxBuffer: 50_000_000 })).stdout;
  for (let second = 0; !signal.aborted; second += 1) {
    // A container may be gone before it is asked, and a check that fails ends with 1: podman has noted it.
    await checkAll(podman, second).catch(() => undefined);
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function checkAll(podman: (...args: string[]) => Promise<string>, second: number): Promise<void> {
  const running = (
    await podman("ps", "--quiet", "--filter=health=starting", "--filter=health=healthy", "--filter=health=unhealthy")
  )
    .split("\n")
    .filter(Boolean);
  if (running.length === 0) return;
  const found = containers.parse(JSON.parse(await podman("container", "inspect", ...running)));
  const due = found.filter(({ Config: { Healthcheck: check } }) => {
    const everySeconds = Math.max(1, Math.round((check?.Interval ?? 30e9) / 1e9));
    return check !== undefined && second % everySeconds === 0;
  });
  await Promise.allSettled(due.map(({ Id }) => podman("healthcheck", "run", Id)));
}
