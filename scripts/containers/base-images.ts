import { createHash } from "node:crypto";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { debianNode, distrolessNode, emulators, ingredients, type StandIn } from "./stand-ins.ts";

const run = promisify(execFile);

/** On what the images and docker-compose.yml stand, and what stands in for it where no registry can be reached. */
export const BASE_IMAGES: Readonly<Record<string, StandIn>> = {
  "docker.io/library/node:24-trixie-slim": debianNode,
  "gcr.io/distroless/nodejs24-debian13:nonroot": distrolessNode,
  "gcr.io/google.com/cloudsdktool/google-cloud-cli:emulators": emulators,
};

/** Says that an image stands in for another, and of what it was made. */
const LABEL = "dev.contextpilot.stand-in";
const PULL_WITHIN_MS = 300_000;

/**
 * Sees to it that podman has every base image: pulls what it has not, and makes a stand-in of what cannot be pulled, of this
 * machine's own packages. A stand-in stays until what it was made of changes. Rejects with what is missing here to make it.
 */
export async function ensureBaseImages(env: NodeJS.ProcessEnv, say: (text: string) => void): Promise<void> {
  const key = createHash("sha256").update(ingredients()).digest("hex").slice(0, 16);
  for (const [name, standIn] of Object.entries(BASE_IMAGES)) {
    const made = await labelOf(name, env);
    if (made === "" || made === key) continue;
    if (await pulled(name, env)) continue;
    say(`${name} cannot be pulled; a stand-in of this machine's packages takes its name`);
    await make(name, standIn, key, env);
  }
}

/** Of what the image was made; empty for a real one, undefined where there is none. */
async function labelOf(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const format = `{{index .Labels "${LABEL}"}}`;
    return (await run("podman", ["image", "inspect", "--format", format, name], { env })).stdout.trim();
  } catch {
    return undefined;
  }
}

async function pulled(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    await run("podman", ["pull", "--quiet", name], { env, timeout: PULL_WITHIN_MS });
    return true;
  } catch {
    return false;
  }
}

async function make(name: string, standIn: StandIn, key: string, env: NodeJS.ProcessEnv): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-image-"));
  standIn.fill(folder.path);
  const said = [...standIn.changes, `LABEL ${LABEL}=${key}`].map((change) => `--change=${change}`);
  const tar = spawn("tar", ["--create", "--numeric-owner", `--directory=${folder.path}`, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const podman = spawn("podman", ["import", "--quiet", ...said, "-", name], {
    env,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = Promise.all([once(tar, "close"), once(podman, "close")]);
  await pipeline(tar.stdout, podman.stdin);
  const codes = (await ended).map(([code]) => code as number);
  if (codes.some((code) => code !== 0))
    throw new Error(`${name} could not be made: tar and podman ended with ${codes.join(" and ")}`);
}
