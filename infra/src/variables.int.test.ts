import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyOfInfra } from "./copy-of-infra.ts";
import { openTerraform } from "./terraform.ts";

/** Values in Terraform's language (undefined: none at all), and what the refusal names and advises. */
const refused = [
  ["project_id", undefined, /required variable "project_id" with no set value/],
  ["project_id", `"Shop"`, /6 to 30 of a-z.*gcloud projects list/],
  ["project_id", `"projects/shop"`, /6 to 30 of a-z/],
  ["region", `"europe"`, /a continent is none.*gcloud run regions list/],
  ["region", `"europe-west1-b"`, /a zone \(europe-west1-b\)/],
  ["environment", `"prod"`, /environment is staging or production/],
  ["image_tag", `"latest"`, /latest is refused/],
  ["image_tag", `"a b"`, /up to 128 letters/],
  ["image_tag", undefined, /No image is named for cli, coach-agent.*set image_tag, or add them to image_digests/],
  ["image_digests", `{ webhook = "1.0" }`, /sha256: and 64 hexadecimal digits/],
  ["image_digests", `{ coach = "sha256:${"0".repeat(64)}" }`, /neither a process of the cloud nor cli: coach/],
  ["settings", `{ git-agent = { GIT_TOKEN = "x" } }`, /never a setting.*Secret Manager/],
  ["settings", `{ git = { GIT_URL = "x" } }`, /no process of the cloud: git/],
  ["secret_versions", `{ webhook-secret = "latest" }`, /a number; latest is refused/],
  ["secret_versions", `{ webhook_secret = "2" }`, /no process asks for: webhook_secret/],
  ["firestore_database", `"Shop"`, /\(default\), or 4 to 63 of a-z/],
  ["domains", `{ dashboard-web = "https://shop.example.com" }`, /without https:/],
  ["domains", `{ coach-agent = "shop.example.com" }`, /no process for people: coach-agent/],
  ["people", `[]`, /domains opens a door, and people names nobody/],
  ["people", `["allUsers"]`, /everyone is not people you know/],
  ["people", `["ada@example.com"]`, /user:ada@example.com/],
  ["retention_days", `32`, /from 1 to 31/],
  ["retention_days", `0`, /from 1 to 31/],
  ["retention_days", `1.5`, /whole number/],
  ["retention_days", `"week"`, /a number is required/],
  ["enable_dlq", `"perhaps"`, /a bool is required/],
  ["enable_dlq", `false`, /always fail. Set heartbeat_schedule = null too/],
  ["notification_channels", `{ chat = ["#alerts"] }`, /projects\/P\/notificationChannels\/N/],
  ["notification_channels", `["projects/p/notificationChannels/1"]`, /object required/],
  ["tenant_id", `"a/b"`, /1 to 100 letters, digits/],
  ["settings", `{ coach-agent = { TENANT_ID = "acme" } }`, /one for the house.*set tenant_id/],
  ["heartbeat_schedule", `"hourly"`, /every 5 to 30 minutes, such as \*\/15/],
  ["heartbeat_schedule", `"0 3 * * *"`, /told after an hour without a success; null turns/],
  ["heartbeat_schedule", `"*/4 * * * *"`, /every 5 to 30 minutes/],
  ["labels", `{ Team = "shop" }`, /the key a letter first/],
  ["labels", `{ component = "shop" }`, /house's own/],
] as const;

let messages: readonly string[];
beforeAll(async () => {
  await using copy = await copyOfInfra();
  await rm(join(copy.terraform, "tests"), { recursive: true });
  await mkdir(join(copy.terraform, "tests"));
  // A file each: what follows a refused run in its file is skipped.
  for (const [i, [variable, value]] of refused.entries()) {
    await writeFile(join(copy.terraform, `tests/case${i}.tftest.hcl`), testFile(`case${i}`, variable, value));
  }
  await using terraform = await openTerraform(copy.terraform);
  messages = (await terraform.test()).problems;
}, 300_000);

test.each(refused.map((one, i) => [...one, `case${i}`] as const))("%s = %s is refused: %s", (_, __, message, name) => {
  const found = messages.filter((one) => one.startsWith(`${name}: `)).map((one) => one.replaceAll(/\s+/g, " "));
  // What a check warns of refuses nothing.
  const refusals = found.filter((one) => !one.startsWith(`${name}: Check block`));
  expect(refusals).toEqual([expect.stringMatching(message)]);
});

function testFile(name: string, variable: string, value: string | undefined): string {
  const all = {
    project_id: `"shop-staging"`,
    environment: `"staging"`,
    image_tag: `"1"`,
    domains: `{ dashboard-web = "shop.example.com" }`,
    people: `["user:ada@example.com"]`,
    [variable]: value,
  };
  const lines = Object.entries(all).flatMap(([name, set]) => (set === undefined ? [] : [`    ${name} = ${set}`]));
  return `mock_provider "google" {}
run "${name}" {
  command = plan
  variables {
${lines.join("\n")}
  }
}
`;
}
