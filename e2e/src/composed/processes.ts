import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Service } from "@contextpilot/topology";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** A process of the house, which has a container of its name. */
export interface Process {
  readonly name: string;
  readonly service: Service;
  readonly door: "events" | "webhooks" | "people" | "local";
}

/** Those that services/*\/deployment.json names, and that stay: a job comes and goes. */
export const processes: readonly Process[] = globSync("services/*/deployment.json", { cwd: ROOT }).flatMap((path) => {
  const all = JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Record<string, { door: Process["door"] | "job" }>;
  const service = basename(dirname(path)) as Service;
  return Object.entries(all).flatMap(([name, { door }]) => (door === "job" ? [] : [{ name, door, service }]));
});

/** Who takes pushes of the bus. */
export const agents = processes.filter(({ door }) => door === "events");
