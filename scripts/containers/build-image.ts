import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import type { Origin } from "./read-origin.ts";

const run = promisify(execFile);
/** What a failed build said last. */
const LINES_OF_A_FAILURE = 30;

/** Builds the program's image of the folder's Dockerfile under the name. Rejects with the end of what the build said. */
export async function buildImage(program: string, image: string, root: string, origin: Origin): Promise<void> {
  // As labels, not as arguments of the Dockerfile: podman takes an image of another commit for this one where only those differ.
  const labels = Object.entries(origin).map(([key, value]) => `--label=org.opencontainers.image.${key}=${value}`);
  try {
    await docker("build", `--tag=${image}`, `--build-arg=PROCESS=${program}`, ...labels, root);
  } catch (error) {
    throw new Error(`${image} could not be built:\n${endOf(error)}`, { cause: error });
  }
}

/**
 * Starts the image once, as it is run in production, read-only and without any capability, on a port that its program must refuse.
 * Throws with what it said where that is not its refusal.
 */
export function checkStart(image: string, refusal: RegExp): void {
  const limits = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=none"];
  const { stdout, stderr } = spawnSync("docker", ["run", "--rm", ...limits, "--env=PORT=none", image], {
    encoding: "utf8",
  });
  if (refusal.test(stderr)) return;
  throw new Error(
    `${image} does not start:\n${endOf({ stdout, stderr })}\nTry it: docker run --rm ${limits.join(" ")} ${image}`,
  );
}

/** Pushes the image; gives its name by digest. */
export async function pushImage(image: string): Promise<string> {
  try {
    await docker("push", image);
  } catch (error) {
    throw new Error(
      `${image} could not be pushed:\n${endOf(error)}\nMay this user write there? For Artifact Registry: gcloud auth configure-docker`,
      { cause: error },
    );
  }
  const { stdout } = await docker("image", "inspect", "--format={{json .RepoDigests}}", image);
  const repository = image.slice(0, image.lastIndexOf(":"));
  const pushed = (JSON.parse(stdout) as string[]).find((digest) => digest.startsWith(`${repository}@`));
  if (pushed === undefined) throw new Error(`${image} was pushed, but the engine knows no digest of it`);
  return pushed;
}

const docker = (...args: readonly string[]) => run("docker", args, { maxBuffer: 50_000_000 });

function endOf(said: unknown): string {
  const { stdout = "", stderr = "" } = said as { stdout?: string; stderr?: string };
  return `${stdout}\n${stderr}`.trim().split("\n").slice(-LINES_OF_A_FAILURE).join("\n");
}
