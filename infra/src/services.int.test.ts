import { globSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { copyOfInfra } from "./copy-of-infra.ts";
import { openTerraform } from "./terraform.ts";
import type { Resource } from "./test-outcome.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What Terraform reads of a process. */
interface Process {
  readonly name: string;
  readonly door: string;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly firestore: boolean;
  readonly secrets: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}
const processesBelow = (root: string): readonly Process[] =>
  globSync("services/*/deployment.json", { cwd: root }).flatMap((file) =>
    Object.entries(JSON.parse(readFileSync(join(root, file), "utf8")) as Record<string, Omit<Process, "name">>).map(
      ([name, said]) => ({ name, ...said }),
    ),
  );
const inCloud = ({ door }: Process): boolean => door !== "local";
const listens = (process: Process): boolean => inCloud(process) && process.door !== "job";

/** A process with everything that a deployment.json can say, and the door that not every service has. */
const BOARD = {
  "notice-board": {
    entry: "src/server.ts",
    door: "people",
    cpu: 2,
    memoryMiB: 1024,
    concurrency: 7,
    timeoutSeconds: 33,
    minInstances: 1,
    maxInstances: 3,
    firestore: false,
    git: false,
    secrets: { API_TOKEN: "board-token" },
    environment: { COLOUR: "blue", GCP_PROJECT_ID: "another" },
    memoryVolume: { path: "/var/lib/board", mebibytes: 256 },
  },
} as const;

/** One that is run now and then, beside it. */
const ARCHIVE = {
  "notice-archive": {
    entry: "src/archive.ts",
    door: "job",
    schedule: "*/20 * * * *",
    timeoutSeconds: 180,
    cpu: 2,
    memoryMiB: 1024,
    firestore: true,
    git: false,
    secrets: { API_TOKEN: "board-token" },
    environment: { COLOUR: "green", GCP_PROJECT_ID: "another" },
    memoryVolume: { path: "/var/lib/archive", mebibytes: 256 },
  },
} as const;

const GIVEN = `
mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}
run "given" {
  command = apply
  variables {
    project_id      = "shop-staging"
    environment     = "staging"
    image_digests   = { coach-agent = "sha256:${"a".repeat(64)}", cli = "sha256:${"b".repeat(64)}" }
    image_tag       = "1"
    secret_versions = { board-token = "4" }
    domains         = { notice-board = "board.example.com" }
    people          = ["group:developers@example.com"]
  }
}
`;

let made: readonly Resource[];
let processes: readonly Process[];
beforeAll(async () => {
  await using copy = await copyOfInfra();
  await mkdir(join(copy.root, "services/notice-board"));
  await writeFile(join(copy.root, "services/notice-board/deployment.json"), JSON.stringify({ ...BOARD, ...ARCHIVE }));
  await rm(join(copy.terraform, "tests"), { recursive: true });
  await mkdir(join(copy.terraform, "tests"));
  await writeFile(join(copy.terraform, "tests/given.tftest.hcl"), GIVEN);
  await using terraform = await openTerraform(copy.terraform);
  const { runs, problems } = await terraform.test();
  if (problems.length > 0) throw new Error(problems.join("\n"));
  made = runs.flatMap(({ resources }) => resources);
  processes = processesBelow(copy.root);
});

type Values = Readonly<Record<string, unknown>>;
const at = (address: string): Values => {
  const found = made.find((one) => one.address === address);
  if (found === undefined) throw new Error(`${address} was not made`);
  return found.values;
};
const addressesOf = (type: string): readonly string[] =>
  made.filter((one) => one.type === type).map(({ address }) => address);
const block = (values: Values, name: string): Values => (values[name] as readonly Values[])[0] ?? {};
const service = (name: string): Values => at(`google_cloud_run_v2_service.process["${name}"]`);
const container = (name: string): Values => block(block(service(name), "template"), "containers");
const environmentIn = (container: Values): Values =>
  Object.fromEntries((container["env"] as readonly Values[]).map((one) => [one["name"], one["value"]]));
const environment = (name: string): Values => environmentIn(container(name));

const task = (job: string): Values =>
  block(block(at(`google_cloud_run_v2_job.this["${job}"]`), "template"), "template");
const taskContainer = (job: string): Values => block(task(job), "containers");

const names = [
  ...processesBelow(ROOT)
    .filter(listens)
    .map(({ name }) => name),
  "notice-board",
];

test.each(names)("%s gets what its deployment.json says, and an account of its own", (name) => {
  const said = processes.find((one) => one.name === name) as Process;
  const template = block(service(name), "template");
  expect(template).toMatchObject({
    execution_environment: "EXECUTION_ENVIRONMENT_GEN2",
    max_instance_request_concurrency: said.concurrency,
    timeout: `${said.timeoutSeconds}s`,
    service_account: at(`google_service_account.process["${name}"]`)["email"],
    scaling: [{ min_instance_count: said.minInstances, max_instance_count: said.maxInstances }],
  });
  expect(block(container(name), "resources")).toMatchObject({
    limits: { cpu: String(said.cpu), memory: `${said.memoryMiB}Mi` },
    cpu_idle: true,
  });
  expect(environment(name)).toMatchObject({ ...said.environment, GCP_PROJECT_ID: "shop-staging", LOG_LEVEL: "info" });
  expect(block(container(name), "startup_probe")).toMatchObject({ http_get: [{ path: "/health/live" }] });
  expect(block(container(name), "liveness_probe")).toMatchObject({ http_get: [{ path: "/health/live" }] });
});

test("processes of the door local are of no cloud", () => {
  const local = processes.filter((one) => !inCloud(one)).map(({ name }) => name);
  expect(local).toContain("push-proxy");
  expect(addressesOf("google_cloud_run_v2_service").filter((one) => local.some((name) => one.includes(name)))).toEqual(
    [],
  );
});

test("an image is named by its digest where that is known", () => {
  const folder = "europe-west1-docker.pkg.dev/shop-staging/contextpilot";
  expect(container("coach-agent")["image"]).toBe(`${folder}/coach-agent@sha256:${"a".repeat(64)}`);
  expect(container("notice-board")["image"]).toBe(`${folder}/notice-board:1`);
  expect(taskContainer("notice-archive")["image"]).toBe(`${folder}/notice-archive:1`);
  expect(taskContainer("heartbeat")["image"]).toBe(`${folder}/cli@sha256:${"b".repeat(64)}`);
});

test("a secret is given by its version, and to whoever asked for it alone", () => {
  const given = (container("notice-board")["env"] as readonly Values[]).find(({ name }) => name === "API_TOKEN");
  expect(given?.["value_source"]).toMatchObject([{ secret_key_ref: [{ secret: "board-token", version: "4" }] }]);
  const due = processes
    .filter(inCloud)
    .flatMap(({ name, secrets }) => Object.values(secrets).map((secret) => `reader["${name}/${secret}"]`));
  expect(addressesOf("google_secret_manager_secret_iam_member").toSorted()).toEqual(
    due.map((one) => `google_secret_manager_secret_iam_member.${one}`).toSorted(),
  );
  expect(at(`google_secret_manager_secret_iam_member.reader["notice-board/board-token"]`)).toMatchObject({
    role: "roles/secretmanager.secretAccessor",
    member: at(`google_service_account.process["notice-board"]`)["member"],
  });
});

test("a folder in memory has the size that was asked for, at its path", () => {
  expect(container("notice-board")["volume_mounts"]).toMatchObject([{ mount_path: "/var/lib/board" }]);
  expect(block(service("notice-board"), "template")["volumes"]).toMatchObject([
    { empty_dir: [{ medium: "MEMORY", size_limit: "256Mi" }] },
  ]);
  expect(block(service("coach-agent"), "template")["volumes"]).toEqual([]);
});

test("people come in through the identity-aware proxy, whose assertions the process can check", () => {
  expect(service("notice-board")["ingress"]).toBe("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER");
  const backend = at(`google_compute_backend_service.people["notice-board"]`);
  expect(backend["iap"]).toMatchObject([{ enabled: true }]);
  expect(environment("notice-board")["IAP_AUDIENCE"]).toBe(
    `/projects/123456789012/global/backendServices/${String(backend["generated_id"])}`,
  );
  expect(at(`google_cloud_run_v2_service_iam_member.people["notice-board"]`)["member"]).toBe(
    "serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com",
  );
  expect(addressesOf("google_iap_web_backend_service_iam_member")).toContain(
    `google_iap_web_backend_service_iam_member.people["notice-board group:developers@example.com"]`,
  );
  expect(environment("notice-board")).not.toHaveProperty("PUSH_AUTH_MODE");
});

test("who keeps something may use the house's database, the heartbeat read it, and neither another of the project", () => {
  const keepers = processes
    .filter((one) => inCloud(one) && one.firestore)
    .map(({ name }) => `database_user["${name}"]`);
  const due = [...keepers, `heartbeat_reads_database["heartbeat"]`, `heartbeat_reads_settings["heartbeat"]`];
  expect(addressesOf("google_project_iam_member").toSorted()).toEqual(
    due.map((one) => `google_project_iam_member.${one}`).toSorted(),
  );
  const expression = `resource.name == "projects/shop-staging/databases/contextpilot"`;
  expect(at(`google_project_iam_member.database_user["coach-agent"]`)).toMatchObject({
    role: "roles/datastore.user",
    condition: [{ expression }],
  });
  expect(at(`google_project_iam_member.heartbeat_reads_database["heartbeat"]`)).toMatchObject({
    role: "roles/datastore.viewer",
    condition: [{ expression }],
  });
  expect(environment("coach-agent")["FIRESTORE_DATABASE"]).toBe("contextpilot");
});

test("the scheduler says a tick a minute, by the type and source that receive() knows without a body", () => {
  const job = at(`google_cloud_scheduler_job.clock["clock"]`);
  expect(job["schedule"]).toBe("* * * * *");
  const target = block(job, "pubsub_target");
  expect(target).toMatchObject({
    topic_name: at(`google_pubsub_topic.topic["clock"]`)["id"],
    attributes: { event_type: "clock.tick.v1", source: "clock" },
  });
  expect(target["data"]).toBeNull();
});

test("the heartbeat is the command line's smoke, once a run, as itself", () => {
  const webhook = `${String(service("webhook")["uri"])}/webhooks/github`;
  expect((taskContainer("heartbeat")["args"] as readonly string[]).join(" ")).toBe(
    `smoke --project shop-staging --database contextpilot --json --webhook ${webhook}`,
  );
  expect(task("heartbeat")).toMatchObject({
    service_account: at(`google_service_account.heartbeat["heartbeat"]`)["email"],
    max_retries: 0,
  });
});

test("a job gets what its deployment.json says, is told how long it has, and fails once", () => {
  const said = ARCHIVE["notice-archive"];
  expect(task("notice-archive")).toMatchObject({
    execution_environment: "EXECUTION_ENVIRONMENT_GEN2",
    service_account: at(`google_service_account.process["notice-archive"]`)["email"],
    timeout: `${said.timeoutSeconds}s`,
    max_retries: 0,
    volumes: [{ empty_dir: [{ medium: "MEMORY", size_limit: "256Mi" }] }],
  });
  expect(taskContainer("notice-archive")).toMatchObject({
    args: null,
    resources: [{ limits: { cpu: "2", memory: "1024Mi" } }],
    volume_mounts: [{ mount_path: "/var/lib/archive" }],
  });
  expect(environmentIn(taskContainer("notice-archive"))).toEqual({
    COLOUR: "green",
    GCP_PROJECT_ID: "shop-staging",
    LOG_LEVEL: "info",
    FIRESTORE_DATABASE: "contextpilot",
    JOB_TIMEOUT_SECONDS: "180",
    API_TOKEN: null, // by its version, which follows
  });
  const secret = (taskContainer("notice-archive")["env"] as readonly Values[]).find(({ name }) => name === "API_TOKEN");
  expect(secret?.["value_source"]).toMatchObject([{ secret_key_ref: [{ secret: "board-token", version: "4" }] }]);
  expect(addressesOf("google_cloud_run_v2_service").filter((one) => one.includes("archive"))).toEqual([]);
});

test.each([
  ["heartbeat", "*/15 * * * *"],
  ["notice-archive", "*/20 * * * *"],
])("the scheduler runs the %s at %s, as somebody who may do nothing else", (name, schedule) => {
  const job = at(`google_cloud_scheduler_job.run["${name}"]`);
  expect(job["schedule"]).toBe(schedule);
  expect(block(job, "http_target")).toMatchObject({
    http_method: "POST",
    uri: `https://run.googleapis.com/v2/projects/shop-staging/locations/europe-west1/jobs/${name}:run`,
    oauth_token: [{ service_account_email: at(`google_service_account.scheduler["${name}"]`)["email"] }],
  });
});
