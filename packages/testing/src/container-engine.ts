import { spawnSync } from "node:child_process";

/**
 * A group of tests that run containers, by the docker command. Where no engine answers they are skipped, by name and with the remedy;
 * a run in CI takes no skip (scripts/test.ts).
 */
export function describeWithEngine(name: string, tests: () => void): void {
  const { status } = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { stdio: "ignore" });
  if (status === 0) describe(name, tests);
  else describe.skip(`${name} [needs a container engine: npm run engine -- npm test]`, tests);
}
