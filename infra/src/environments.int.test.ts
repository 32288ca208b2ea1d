import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyOfInfra } from "./copy-of-infra.ts";
import { openTerraform } from "./terraform.ts";
import type { Resource } from "./test-outcome.ts";

const ENVIRONMENTS = ["staging", "production"] as const;
type Environment = (typeof ENVIRONMENTS)[number];

/** Only what the files do not say, and `make push` writes beside them. */
const GIVEN = `
mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}
run "given" {
  command = apply
  variables {
    image_tag = "1"
  }
}
`;

const made = new Map<Environment, readonly Resource[]>();
const backends = new Map<Environment, string>();
beforeAll(async () => {
  await using copy = await copyOfInfra();
  await rm(join(copy.terraform, "tests"), { recursive: true });
  await mkdir(join(copy.terraform, "tests"));
  await writeFile(join(copy.terraform, "tests/given.tftest.hcl"), GIVEN);
  await using terraform = await openTerraform(copy.terraform);
  for (const name of ENVIRONMENTS) {
    const folder = join(copy.terraform, "environments");
    await cp(join(folder, `${name}.tfvars`), join(copy.terraform, "terraform.tfvars"));
    const { runs, problems } = await terraform.test();
    if (problems.length > 0) throw new Error(problems.join("\n"));
    made.set(
      name,
      runs.flatMap(({ resources }) => resources),
    );
    backends.set(name, await readFile(join(folder, `${name}.gcs.tfbackend`), "utf8"));
  }
});

const of = (name: Environment, type: string) =>
  (made.get(name) ?? []).filter((one) => one.type === type).map(({ values }) => values);
const addresses = (name: Environment) => (made.get(name) ?? []).map(({ address }) => address).toSorted();

test("staging and production are the same house", () => {
  expect(addresses("staging").length).toBeGreaterThan(200);
  expect(addresses("staging")).toEqual(addresses("production"));
});

test("they share neither a project nor what Terraform remembers", () => {
  const projects = ENVIRONMENTS.map((name) => of(name, "google_project_iam_member")[0]?.["project"]);
  expect(new Set(projects).size).toBe(2);
  const buckets = ENVIRONMENTS.map((name) => /bucket\s*=\s*"(.+)"/.exec(backends.get(name) ?? "")?.[1]);
  expect(buckets).toEqual(projects.map((project) => `${String(project)}-terraform`));
});

test("production keeps its messages as long as Pub/Sub can, and its database from deletion", () => {
  const [topic] = of("production", "google_pubsub_topic");
  expect(topic?.["message_retention_duration"]).toBe(`${31 * 86_400}s`);
  expect(of("production", "google_firestore_database")[0]?.["delete_protection_state"]).toBe(
    "DELETE_PROTECTION_ENABLED",
  );
  expect(of("staging", "google_firestore_database")[0]?.["delete_protection_state"]).toBe("DELETE_PROTECTION_DISABLED");
});

test.each(ENVIRONMENTS)("in %s the git-agent is told which repositories it may read", (name) => {
  const service = of(name, "google_cloud_run_v2_service").find((one) => one["name"] === "git-agent");
  expect(JSON.stringify(service?.["template"])).toMatch(/"GIT_REPOSITORIES"/);
});
