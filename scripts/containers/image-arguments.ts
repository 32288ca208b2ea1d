import { parseArgs } from "node:util";

/** Where docker-compose.yml looks for them. */
const DEFAULT_REGISTRY = "contextpilot";
const DEFAULT_TAG = "local";

export const usage = (
  processes: readonly string[],
): string => `npm run images -- <process>|all [--tag <tag>] [--registry <registry>] [--push]

Builds the container image of a process, starts it once to see that it can, and prints the image's name; pushed, its digest too.

  <process>               one of ${processes.join(", ")}; or all of them
  --tag <tag>             of the image (default: ${DEFAULT_TAG})
  --registry <registry>   what stands before the process in the image's name, as europe-west1-docker.pkg.dev/shop/contextpilot
                          (default: ${DEFAULT_REGISTRY}, which is on this machine only)
  --push                  pushes it to the registry
  --help                  shows this

Where no container engine runs: npm run engine -- npm run images -- all`;

/** What is built, and what it is called. */
export interface ImageOrder {
  readonly processes: readonly string[];
  readonly tag: string;
  readonly registry: string;
  readonly push: boolean;
}

export type ImageArguments =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problem: string }
  | ({ readonly kind: "build" } & ImageOrder);

export function parseImageArguments(args: readonly string[], processes: readonly string[]): ImageArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      tag: { type: "string", default: DEFAULT_TAG },
      registry: { type: "string" },
      push: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
    strict: false,
    allowPositionals: true,
  });
  if (values.help === true) return { kind: "help" };
  const unknown = Object.keys(values).find((name) => !["tag", "registry", "push"].includes(name));
  if (unknown !== undefined) return wrong(`--${unknown}: there is no such option`);
  const [wanted, ...more] = positionals;
  const known = `say one of ${processes.join(", ")}, or all`;
  if (wanted === undefined) return wrong(`no process: ${known}`);
  if (more.length > 0) return wrong(`${positionals.join(" ")}: one at a time, or all`);
  if (wanted !== "all" && !processes.includes(wanted)) return wrong(`${wanted}: there is no such process; ${known}`);
  const { tag, registry = DEFAULT_REGISTRY } = values;
  // https://github.com/distribution/reference: what a tag and a name may be.
  if (typeof tag !== "string" || !/^\w[\w.-]{0,127}$/.test(tag)) return wrong("--tag: say letters, digits, _ . and -");
  if (typeof registry !== "string" || !/^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/.test(registry))
    return wrong("--registry: say a host and a path, as europe-west1-docker.pkg.dev/shop/contextpilot");
  if (values.push === true && values.registry === undefined) return wrong("--push: say where to, with --registry");
  return {
    kind: "build",
    processes: wanted === "all" ? processes : [wanted],
    tag,
    registry,
    push: values.push === true,
  };
}

const wrong = (problem: string): ImageArguments => ({ kind: "wrong", problem });
