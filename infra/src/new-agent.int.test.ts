import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execPath as node } from "node:process";
import { promisify } from "node:util";
import { type CopyOfInfra, copyOfInfra } from "./copy-of-infra.ts";
import { type House, readHouse } from "./house.ts";
import { projectOf } from "./policy/project.ts";
import { rules } from "./policy/rules.ts";
import { openTerraform } from "./terraform.ts";
import type { Resource } from "./test-outcome.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What an agent is, besides its program: an entry in the topology… */
const ENTRY = {
  services: `"greeter-agent": { says: ["strategy.insight"] },`,
  subscriptions: `"greeter-from-git": { topic: "git-events", service: "greeter-agent", hears: ["git.commit"], ackDeadlineSeconds: 60 },`,
};

/** A service that hears, and is pushed nothing. */
const KEEPER = {
  services: `keeper: { says: [] },`,
  subscriptions: `"keeper-from-git": { topic: "git-events", service: "keeper", raw: true, ackDeadlineSeconds: 60 },`,
};

/** … and what its process needs. */
const PROCESS = {
  entry: "src/server.ts",
  door: "events",
  cpu: 1,
  memoryMiB: 512,
  concurrency: 20,
  timeoutSeconds: 60,
  minInstances: 0,
  maxInstances: 10,
  firestore: true,
  git: false,
  secrets: { GREETING_KEY: "greeting-key" },
  environment: {},
};

const { concurrency: _, minInstances: __, maxInstances: ___, ...once } = PROCESS;
const JOB = { ...once, door: "job", schedule: "*/5 * * * *", timeoutSeconds: 240 };

let before: readonly Resource[];
let after: readonly Resource[];
let withKeeper: readonly Resource[];
let madeWithKeeper: readonly Resource[];
let houseWithKeeper: House;
beforeAll(async () => {
  await using copy = await copyOfInfra("packages/topology", "packages/events");
  await symlink(join(ROOT, "node_modules"), join(copy.root, "node_modules"));
  before = await plan(copy);
  await addService(copy.root, ENTRY, "greeter-agent", { "greeter-agent": PROCESS });
  after = await plan(copy);
  await addService(copy.root, KEEPER, "keeper", { "keeper-job": JOB });
  withKeeper = await plan(copy);
  madeWithKeeper = await resourcesOf(copy, "apply");
  houseWithKeeper = readHouse(copy.root);
}, 300_000);

test("all that an agent needs follows from its entry and its deployment.json", () => {
  const known = new Set(before.map(({ address }) => address));
  const added = after.map(({ address }) => address).filter((address) => !known.has(address));
  expect(added.sort()).toEqual([
    `google_cloud_run_v2_service.process["greeter-agent"]`,
    `google_cloud_run_v2_service_iam_member.pushes["greeter-agent"]`,
    `google_monitoring_alert_policy.instances["greeter-agent"]`,
    `google_project_iam_member.database_user["greeter-agent"]`,
    `google_pubsub_subscription.subscription["greeter-from-git"]`,
    `google_pubsub_subscription_iam_member.takes_dead_letters["greeter-from-git"]`,
    `google_pubsub_topic_iam_member.publisher["greeter-agent/audit-all-dlq"]`,
    `google_pubsub_topic_iam_member.publisher["greeter-agent/git-events-dlq"]`,
    `google_pubsub_topic_iam_member.publisher["greeter-agent/strategy-insights"]`,
    `google_secret_manager_secret.this["greeting-key"]`,
    `google_secret_manager_secret_iam_member.reader["greeter-agent/greeting-key"]`,
    `google_service_account.process["greeter-agent"]`,
  ]);
});

test("nothing else changes for it", () => {
  const known = new Set(before.map(({ address }) => address));
  expect(after.filter(({ address }) => known.has(address))).toEqual(before);
});

test("all that a job needs follows likewise: it pulls, from its service's subscriptions alone, and may put aside what it takes", () => {
  const known = new Set(after.map(({ address }) => address));
  const added = withKeeper.filter(({ address }) => !known.has(address));
  expect(added.map(({ address }) => address).sort()).toEqual([
    `google_cloud_run_v2_job.this["keeper-job"]`,
    `google_cloud_run_v2_job_iam_member.scheduler["keeper-job"]`,
    `google_cloud_scheduler_job.run["keeper-job"]`,
    `google_project_iam_member.database_user["keeper-job"]`,
    `google_pubsub_subscription.subscription["keeper-from-git"]`,
    `google_pubsub_subscription_iam_member.puller["keeper-job/keeper-from-git"]`,
    `google_pubsub_subscription_iam_member.puller_reads_settings["keeper-job/keeper-from-git"]`,
    `google_pubsub_topic_iam_member.publisher["keeper-job/audit-all-dlq"]`,
    `google_pubsub_topic_iam_member.publisher["keeper-job/git-events-dlq"]`,
    `google_secret_manager_secret_iam_member.reader["keeper-job/greeting-key"]`,
    `google_service_account.process["keeper-job"]`,
    `google_service_account.scheduler["keeper-job"]`,
  ]);
  expect(added.find(({ type }) => type === "google_pubsub_subscription")?.values["push_config"]).toEqual([]);
});

test.each(Object.entries(rules))("a house with a job keeps the rule %s", (_, rule) => {
  expect(rule(projectOf(madeWithKeeper), houseWithKeeper)).toEqual([]);
});

/** They group by label, so that whoever comes later is in them too. A limit of its own is a service's own alert: instances. */
test("the alerts for all name no subscription and no service", () => {
  const alerts = after.filter(({ address }) => address.startsWith("google_monitoring_alert_policy.this["));
  expect(alerts).not.toEqual([]);
  const names = after
    .filter(({ type }) => /^google_(?:pubsub_subscription|cloud_run_v2_service|cloud_run_v2_job)$/.test(type))
    .filter(({ address }) => address !== `google_cloud_run_v2_job.this["heartbeat"]`)
    .map(({ values }) => `"${String(values["name"])}"`);
  const written = alerts.map(({ values }) => JSON.stringify(values["conditions"]).replaceAll(`\\"`, `"`)).join("\n");
  expect(names.filter((name) => written.includes(name))).toEqual([]);
});

/** Without making it, which takes longer. */
const plan = (copy: CopyOfInfra): Promise<readonly Resource[]> => resourcesOf(copy, "plan");

async function resourcesOf(
  { terraform: folder }: CopyOfInfra,
  command: "plan" | "apply",
): Promise<readonly Resource[]> {
  const file = join(folder, "tests/house.tftest.hcl");
  await writeFile(file, (await readFile(file, "utf8")).replace(/command = \w+/, `command = ${command}`));
  await using terraform = await openTerraform(folder);
  const { runs, problems } = await terraform.test("tests/house.tftest.hcl");
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return runs.flatMap(({ resources }) => resources);
}

async function addService(root: string, entry: typeof ENTRY, service: string, processes: object): Promise<void> {
  const topology = join(root, "packages/topology/src/topology.ts");
  await insert(topology, "export const services = {", entry.services);
  await insert(topology, "export const subscriptions = {", entry.subscriptions);
  await mkdir(join(root, "services", service));
  await writeFile(join(root, "services", service, "deployment.json"), JSON.stringify(processes));
  await promisify(execFile)(node, ["packages/topology/src/generate.ts"], { cwd: root });
}

async function insert(file: string, behind: string, line: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const at = text.indexOf(behind);
  if (at === -1) throw new Error(`${file} has no ${behind}`);
  await writeFile(file, `${text.slice(0, at + behind.length)}\n${line}${text.slice(at + behind.length)}`);
}
