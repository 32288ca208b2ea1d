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

/** Those that services/*\/deployment.json names. */
export const processes: readonly Process[] = globSync("services/*/deployment.json", { cwd: ROOT }).flatMap((path) => {
  const all = JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Record<string, Pick<Process, "door">>;
  return Object.entries(all).map(([name, { door }]) => ({ name, door, service: basename(dirname(path)) as Service }));
});

/** Who takes pushes of the bus. */
export const agents = processes.filter(({ door }) => door === "events");
