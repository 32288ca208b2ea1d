// Builds the processes' container images. `--help` says more.

import { resolve } from "node:path";
import { housePrograms } from "../house-programs.ts";
import { buildImage, checkStart, pushImage } from "./build-image.ts";
import { parseImageArguments, usage, type ImageOrder } from "./image-arguments.ts";
import { engineAnswers } from "./podman.ts";
import { readOrigin } from "./read-origin.ts";

const root = resolve(import.meta.dirname, "../..");
const programs = housePrograms(root);
const names = programs.map(({ name }) => name);
const parsed = parseImageArguments(process.argv.slice(2), names);
if (parsed.kind === "help") {
  console.log(usage(names));
} else if (parsed.kind === "wrong") {
  console.error(`${parsed.problem}\n\n${usage(names)}`);
  process.exitCode = 1;
} else {
  try {
    await build(parsed);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function build({ processes, registry, tag, push }: ImageOrder): Promise<void> {
  if (!engineAnswers(process.env)) {
    const same = `npm run images -- ${process.argv.slice(2).join(" ")}`;
    throw new Error(`no container engine answers docker: start it, or run this with one: npm run engine -- ${same}`);
  }
  const origin = readOrigin(root);
  for (const program of programs.filter(({ name }) => processes.includes(name))) {
    const image = `${registry}/${program.name}:${tag}`;
    await buildImage(program.name, image, root, origin);
    checkStart(image, program.refusal);
    console.log(push ? await pushImage(image) : image);
  }
}
