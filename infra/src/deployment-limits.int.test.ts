import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyOfInfra } from "./copy-of-infra.ts";
import { openTerraform } from "./terraform.ts";

const JOB = { door: "job", schedule: "*/5 * * * *" } as const;

/** What a deployment.json may say and Cloud Run cannot do, a process each. Jobs are looked at when services are well. */
const services = [
  ["too-small", { memoryMiB: 256 }, /too-small asks for 256 MiB: .* gives 512 or more/],
  ["too-slow", { cpu: 0.5, concurrency: 20 }, /too-slow takes 20 requests at a time with 0\.5 CPU/],
  ["too-full", { memoryVolume: { path: "/var/lib/x", mebibytes: 512 } }, /too-full's volume in memory is as large/],
  [
    "too-open",
    { door: "webhooks", environment: { PUSH_AUTH_MODE: "platform" } },
    /too-open is told PUSH_AUTH_MODE, and its door is not for pushes/,
  ],
] as const;
const jobs = [
  ["half-a-job", { ...JOB, cpu: 0.5 }, /half-a-job asks for 0\.5 CPU and 512 MiB: Cloud Run gives a job 1 and 512 MiB/],
  ["a-job-of-too-long-a-name", JOB, /a-job-of-too-long-a-name .* a job's has 20 at most/],
] as const;
const wrong = [...services, ...jobs];

const problems: string[] = [];
beforeAll(async () => {
  await using copy = await copyOfInfra();
  const file = join(copy.root, "services/context-agent/deployment.json");
  const { "context-agent": usual } = JSON.parse(await readFile(file, "utf8")) as Record<string, object>;
  await mkdir(join(copy.root, "services/wrong"));
  await rm(join(copy.terraform, "tests"), { recursive: true });
  await mkdir(join(copy.terraform, "tests"));
  await writeFile(
    join(copy.terraform, "tests/wrong.tftest.hcl"),
    `mock_provider "google" {}
run "wrong" {
  command = plan
  variables {
    project_id  = "shop-staging"
    environment = "staging"
    image_tag   = "1"
  }
}
`,
  );
  await using terraform = await openTerraform(copy.terraform);
  for (const group of [services, jobs]) {
    const said = group.map(([name, fields]) => [name, { ...usual, door: "people", memoryMiB: 512, ...fields }]);
    await writeFile(join(copy.root, "services/wrong/deployment.json"), JSON.stringify(Object.fromEntries(said)));
    problems.push(...(await terraform.test()).problems);
  }
});

test.each(wrong)("%s, which says %j, is refused: %s", (_, __, message) => {
  const found = problems.map((one) => one.replaceAll(/\s+/g, " "));
  expect(found).toContainEqual(expect.stringMatching(message));
});

test("nothing else is wrong", () => {
  expect(problems).toHaveLength(wrong.length);
});
