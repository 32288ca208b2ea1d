import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ResolvedTopology } from "@contextpilot/topology";

/** What Terraform reads: who says and hears what, and which processes there are in the cloud. */
export interface House {
  readonly topology: ResolvedTopology;
  readonly processes: readonly Process[];
}

export interface Process {
  readonly name: string;
  readonly service: string;
  readonly door: "events" | "webhooks" | "people" | "job";
}

/** Reads infra/terraform/topology.json and every service's deployment.json below a root folder. */
export function readHouse(root: string): House {
  const topology = json(join(root, "infra/terraform/topology.json")) as ResolvedTopology;
  const processes = globSync("services/*/deployment.json", { cwd: root }).flatMap((file) => {
    const all = json(join(root, file)) as Record<string, { door: Process["door"] | "local" }>;
    return Object.entries(all).flatMap(([name, { door }]) =>
      door === "local" ? [] : [{ name, service: basename(dirname(file)), door }],
    );
  });
  return { topology, processes };
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
