import type { BundledProgram } from "./bundle-arguments.ts";
import { readDeployments } from "./deployments.ts";

/** A program of the house, which is bundled and gets an image. */
export interface HouseProgram extends BundledProgram {
  /** Whether it runs git. */
  readonly git: boolean;
  /** What it says when it is started with nothing but the port `none`. */
  readonly refusal: RegExp;
}

/** The processes of all services, by their deployment.json, and the command line, which sets up a bus for them and is their heartbeat: `cli`. */
export function housePrograms(root: string): HouseProgram[] {
  const processes = readDeployments(root).map(({ name, entry, git, door }) => ({
    name,
    entry,
    git,
    // A job has no port.
    refusal: door === "job" ? /^GCP_PROJECT_ID is not set/m : /^PORT is wrong/m,
  }));
  return [
    ...processes,
    { name: "cli", entry: "packages/cli/src/main.ts", git: false, refusal: /^Usage: contextpilot/m },
  ];
}
