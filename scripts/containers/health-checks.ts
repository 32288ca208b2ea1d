import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";

const LOOK_EVERY_MS = 1_000;
/** What is healthy is asked no more often, whatever its interval: each check starts a program in the container. */
const HEALTHY_EVERY_SECONDS = 30;

const containers = z.array(z.object({ Id: z.string() }));

/**
 * Runs the health checks of all containers until it is aborted, by podman's service on the socket: podman leaves that to timers of
 * systemd, and where there is none a container would stay `starting` for ever. Those that are not healthy are asked about each second.
 */
export async function runHealthChecks(socketPath: string, signal: AbortSignal): Promise<void> {
  for (let second = 0; !signal.aborted; second += 1) {
    const states =
      second % HEALTHY_EVERY_SECONDS === 0 ? ["starting", "unhealthy", "healthy"] : ["starting", "unhealthy"];
    // A container may be gone before it is asked, and what a check says podman has noted.
    await checkAll(socketPath, states).catch(() => undefined);
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function checkAll(socketPath: string, health: readonly string[]): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ health }));
  const found = containers.parse(
    JSON.parse(await ask(socketPath, `/v4.0.0/libpod/containers/json?filters=${filters}`)),
  );
  await Promise.allSettled(found.map(({ Id }) => ask(socketPath, `/v4.0.0/libpod/containers/${Id}/healthcheck`)));
}

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (answer) => void text(answer).then(resolve, reject));
    asked.on("error", reject);
    asked.end();
  });
}
