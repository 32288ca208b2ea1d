import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod";

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,47}[a-z0-9]$/, "say 3 to 49 characters of a-z, 0-9 and -, a letter first");
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, "say the name of an environment variable");

/** Of every process. */
const common = {
  /** Its program, in the service's folder. */
  entry: z.string().endsWith(".ts"),
  /** vCPU; below 1 Cloud Run takes one request at a time, and runs no job. */
  cpu: z.number().positive().max(8),
  memoryMiB: z.int().min(128).max(32_768),
  /** Whether it keeps something in Firestore. */
  firestore: z.boolean(),
  /** Whether it runs git. */
  git: z.boolean(),
  /** Variables whose value is the secret of the name. */
  secrets: z.record(variable, name),
  /** The same, of secrets that not every deployment has: Terraform gives those whose version it is told. */
  optionalSecrets: z.record(variable, name).optional(),
  /** Variables that are the same everywhere. */
  environment: z.record(variable, z.string()),
  /** A folder in memory, part of what memoryMiB allows. */
  memoryVolume: z.strictObject({ path: z.string().startsWith("/"), mebibytes: z.int().positive() }).optional(),
};

/** Listens, all the time. */
const listener = z.strictObject({
  ...common,
  /** Who comes in: pushes of the service's subscriptions, webhooks, people; or nobody from outside this machine: it is of no cloud. */
  door: z.enum(["events", "webhooks", "people", "local"]),
  /** Requests at a time in one instance. */
  concurrency: z.int().min(1).max(1000),
  /** Of one request. Pub/Sub waits 600 s at most. */
  timeoutSeconds: z.int().min(1).max(600),
  minInstances: z.int().min(0),
  maxInstances: z.int().min(1).max(1000),
});

/** Is run now and then, takes what waits in the service's subscriptions, and ends. Nobody comes in. */
const job = z.strictObject({
  ...common,
  door: z.literal("job"),
  /** When it is run, as cron says it. */
  schedule: z
    .string()
    .regex(
      /^\*\/([1-9]|[12]\d|30) \* \* \* \*$/,
      "say every 1 to 30 minutes, such as */15 * * * *, for somebody is told of a message that waits for an hour",
    ),
  /** Of one run, which ends by itself a little before. */
  timeoutSeconds: z.int().min(60).max(3600),
});

/** What a process needs where it is deployed: the value of a service's deployment.json under the process's name. */
const deployment = z.discriminatedUnion("door", [listener, job]);

const file = z.record(name, deployment, {
  error: (issue) => (issue.code === "invalid_key" ? issue.issues[0]?.message : undefined),
});

/** A process of a service: `service` is the folder's name, which the topology knows; `entry` a path from the root. */
export type Deployment = z.infer<typeof deployment> & { readonly name: string; readonly service: string };

/**
 * The processes of all services, in the order of their names, by the services' deployment.json. Terraform reads the same files, so
 * nothing has a default here.
 * Throws an error that names file, process and field where one is wrong, where two processes have one name, or where one would pull what another is
 * pushed.
 */
export function readDeployments(root: string): Deployment[] {
  const all = globSync("services/*/deployment.json", { cwd: root }).flatMap((path) => read(root, path));
  const sorted = all.sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = sorted.find(({ name }, i) => name === sorted[i + 1]?.name);
  if (twice !== undefined)
    throw new Error(`services/${twice.service}/deployment.json: ${twice.name} is a process of two services`);
  for (const { name, service, door } of sorted) {
    const pushed = sorted.find((other) => other.service === service && other.door === "events");
    if (door === "job" && pushed !== undefined)
      throw new Error(
        `services/${service}/deployment.json: ${name} is a job, and all that it could pull is pushed to ${pushed.name}`,
      );
  }
  return sorted;
}

function read(root: string, path: string): Deployment[] {
  const parsed = file.safeParse(json(root, path));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  const folder = dirname(path);
  return Object.entries(parsed.data).map(([name, each]) => ({
    ...each,
    name,
    service: basename(folder),
    entry: join(folder, each.entry),
  }));
}

function json(root: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8"));
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
