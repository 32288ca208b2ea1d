import type { Deployment } from "../deployments.ts";
import { ISSUER, PORT, environmentOf } from "./process-environment.ts";

/** What the file says of infra/terraform/topology.json. */
export interface Topology {
  readonly subscriptions: readonly { readonly service: string; readonly topic: string }[];
  readonly services: readonly { readonly name: string; readonly publishesTo: readonly string[] }[];
}

const ASK_READY =
  `require('node:http').get('http://127.0.0.1:${PORT}/health/ready',({statusCode})=>process.exit(statusCode===200?0:1))` +
  `.on('error',()=>process.exit(1))`;

/** Compose's own lines are text here as they are there, so that whoever reads one finds the other. `pulling` are the services of jobs. */
const head = (
  pulling: readonly string[],
): string => `# The house on Google's emulators, each process in a container of its own: docs/compose.md.
# Generated from services/*/deployment.json and packages/topology by scripts/compose/generate.ts: change those.
#
#   npm run compose -- up     makes and checks .env, then runs: docker compose up --detach --build
#
# What has a dollar and braces comes from .env; .env.example says of each what it is for.

# Ours: nothing is written but to /tmp, no right can be gained, and SIGTERM has the 10 s that Cloud Run gives.
# What fails again and again is left ended, so that it is seen.
x-container: &container
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  stop_grace_period: 10s
  restart: on-failure:5

# The images have no shell: Node itself asks. Without a space, at which podman's API parts the words of a check.
x-health: &health
  test: [CMD, /nodejs/bin/node, -e, "${ASK_READY}"]
  interval: 5s
  timeout: 5s
  retries: 6
  start_period: 60s

x-emulator: &emulator
  image: \${EMULATORS_IMAGE:-gcr.io/google.com/cloudsdktool/google-cloud-cli:emulators}
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  stop_grace_period: 2s
  restart: on-failure:5
  mem_limit: 1024m
  environment:
    CLOUDSDK_CONFIG: /tmp/gcloud
    # Java keeps a name's address for 30 s: a push proxy that comes back may have another.
    JAVA_TOOL_OPTIONS: -Xmx512m -Dsun.net.inetaddr.ttl=1

x-environment: &environment
  PORT: "${PORT}"
  HOST: 0.0.0.0
  GCP_PROJECT_ID: \${GCP_PROJECT_ID:-local}
  PUBSUB_EMULATOR_HOST: pubsub:8085
  FIRESTORE_EMULATOR_HOST: firestore:8080
  LOG_LEVEL: \${LOG_LEVEL:-info}

services:
  # Keeps everything in memory: what waits there, and the topology, go with it.
  pubsub:
    <<: *emulator
    command: gcloud beta emulators pubsub start --host-port=0.0.0.0:8085 --data-dir=/tmp/pubsub
    healthcheck: ${asked(8085)}

  # Likewise.
  firestore:
    <<: *emulator
    command: gcloud beta emulators firestore start --host-port=0.0.0.0:8080
    healthcheck: ${asked(8080)}

  # Makes the topics and subscriptions, and ends.
  topology:
    <<: *container
    image: \${IMAGES:-contextpilot}/cli:\${IMAGE_TAG:-local}
    build: { context: ., args: { PROCESS: cli } }
    restart: "no"
    mem_limit: 256m
    environment: { PUBSUB_EMULATOR_HOST: "pubsub:8085" }
    command:
      [topology, apply, --project, "\${GCP_PROJECT_ID:-local}", --push-endpoint, "${ISSUER}/push/{subscription}"${pulling.map((service) => `, --pulled, ${service}`).join("")}]
    depends_on:
      pubsub: { condition: service_healthy }
`;

/**
 * docker-compose.yml: the emulators, what makes the topology in them, and every process, each started when what it stands on is
 * ready; the doors open last. For docker-compose 1.29 and docker compose 2. The same input gives the same text.
 */
export function composeFile(deployments: readonly Deployment[], topology: Topology): string {
  const behind = deployments.filter((each) => doorOf(each) === undefined && !isJob(each)).map(({ name }) => name);
  const pulling = new Set(deployments.filter(isJob).map(({ service }) => service));
  return [head([...pulling]), ...deployments.map((each) => serviceText(each, behind, topology))].join("\n");
}

const isJob = ({ door }: Deployment): boolean => door === "job";

/** The port of this machine at which a process is met; undefined where nobody from outside meets it. */
function doorOf({ door }: Deployment): string | undefined {
  switch (door) {
    case "webhooks":
      return "${WEBHOOK_PORT:-4700}";
    case "people":
      return "${DASHBOARD_PORT:-4701}";
    case "events":
    case "job":
    case "local":
      return undefined;
  }
}

function serviceText(deployment: Deployment, behind: readonly string[], topology: Topology): string {
  const { name, service, door, memoryMiB, firestore, git, memoryVolume } = deployment;
  const port = doorOf(deployment);
  const own = Object.entries(environmentOf(deployment));
  return [
    `  # ${commentOf(deployment, topology)}`,
    `  ${name}:`,
    `    <<: *container`,
    `    image: \${IMAGES:-contextpilot}/${name}:\${IMAGE_TAG:-local}`,
    `    build: { context: ., args: { PROCESS: ${name} } }`,
    `    mem_limit: ${memoryMiB}m`,
    ...(own.length === 0
      ? [`    environment: *environment`]
      : [`    environment:`, `      <<: *environment`, ...own.map(([key, value]) => `      ${key}: ${text(value)}`)]),
    ...(git && memoryVolume
      ? [`    volumes:`, `      - ${text(`\${GIT_FOLDER:-./repositories}:${memoryVolume.path}:ro`)}`]
      : []),
    // Pushes are sent to a service, whatever its process is called.
    ...(door === "events" && name !== service ? [`    networks: { default: { aliases: [${service}] } }`] : []),
    ...(port === undefined ? [] : [`    ports: [${text(`127.0.0.1:${port}:${PORT}`)}]`]),
    // A job has no door, and begins again when it has ended: what comes meanwhile waits for it.
    door === "job" ? `    restart: always` : `    healthcheck: *health`,
    `    depends_on:`,
    `      topology: { condition: service_completed_successfully }`,
    ...[...(firestore ? ["firestore"] : []), ...(port === undefined ? [] : behind)].map(
      (each) => `      ${each}: { condition: service_healthy }`,
    ),
    ``,
  ].join("\n");
}

/** Who comes in; of an agent, what it hears and says. */
function commentOf({ door, service }: Deployment, { subscriptions, services }: Topology): string {
  switch (door) {
    case "events":
    case "job": {
      const heard = subscriptions.filter((each) => each.service === service).map(({ topic }) => topic);
      const said = services.find(({ name }) => name === service)?.publishesTo ?? [];
      return `${door === "job" ? "takes what waits of" : "hears"} ${inWords(heard)}; says things on ${inWords(said)}`;
    }
    case "webhooks":
      return "where this machine's hooks tell of pushes";
    case "people":
      return "where people look";
    case "local":
      return "stands for what Google's cloud has and the emulators have not";
  }
}

/** The topics, without those of dead letters, which everybody has. */
function inWords(topics: readonly string[]): string {
  const names = new Set(topics.filter((topic) => !topic.endsWith("-dlq")));
  return names.size === 0 ? "none" : [...names].sort().join(", ");
}

/** Both emulators answer Ok to GET /. */
function asked(port: number): string {
  return `{ test: [CMD, curl, --fail, --silent, "http://127.0.0.1:${port}/"], interval: 2s, timeout: 5s, retries: 30 }`;
}

/** As a double-quoted text of YAML, which JSON's are. */
function text(value: string): string {
  return JSON.stringify(value);
}
