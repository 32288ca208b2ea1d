import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** Of a process, as its service's deployment.json says it, what a container of it must be given. */
export interface ImagedProcess {
  readonly name: string;
  readonly git: boolean;
  /** What it says of itself where it is told nothing. */
  readonly refusal: RegExp;
  /** Whether it stays, and is met at its port; a job ends by itself. */
  readonly listens: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly memory: string | undefined;
}

interface Deployment {
  readonly door: string;
  readonly git: boolean;
  readonly secrets: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryVolume?: { readonly path: string };
}

/** What any of them must be told. Nobody listens at these addresses, and none is needed to listen. */
const TOLD = {
  GCP_PROJECT_ID: "images",
  PUBSUB_EMULATOR_HOST: "127.0.0.1:1",
  FIRESTORE_EMULATOR_HOST: "127.0.0.1:1",
  PUSH_AUDIENCE: "https://images.example",
  PUSH_SERVICE_ACCOUNTS: "pusher@example.com",
  PUSH_ISSUER: "http://127.0.0.1:1",
  PUSH_JWKS_URL: "http://127.0.0.1:1",
  IAP_AUDIENCE: "/projects/1/locations/europe-west1/services/images",
  AGENT_ENDPOINT: "http://{service}.example/events",
};

/** The processes of all services. */
export const imagedProcesses: readonly ImagedProcess[] = globSync("services/*/deployment.json", { cwd: root })
  .sort()
  .flatMap((path) => Object.entries(JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, Deployment>))
  .map(([name, { door, git, secrets, environment, memoryVolume }]) => {
    const secret = Object.keys(secrets).map((variable) => [variable, "a secret of the test's own"] as const);
    return {
      name,
      git,
      refusal: door === "job" ? /^GCP_PROJECT_ID is not set: / : /^PORT is wrong: /,
      listens: door !== "job",
      memory: memoryVolume?.path,
      environment: { ...TOLD, ...environment, ...Object.fromEntries(secret) },
    };
  });
