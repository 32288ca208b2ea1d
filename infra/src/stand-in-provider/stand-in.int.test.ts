import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTerraform } from "../terraform.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-stand-in-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a resource as Google's provider knows it is valid", async () => {
  expect(await problemsOf(`name = "git-events"`)).toEqual([]);
});

test.each([
  [`nme = "git-events"`, `An argument named "nme" is not expected here. Did you mean "name"?`],
  [`labels = {}`, `The argument "name" is required, but no definition was found.`],
  [
    `name = ["git-events"]`,
    `Incorrect attribute value type: Inappropriate value for attribute "name": string required.`,
  ],
  [`name = "git-events"\nid = 1\nself_link = "x"`, `An argument named "self_link" is not expected here.`],
  [`name = "git-events"\nschema_settings {}`, `The argument "schema" is required, but no definition was found.`],
])("%s is found out", async (lines, problem) => {
  expect(await problemsOf(lines)).toContainEqual(expect.stringContaining(problem));
});

test("a resource that Google's provider does not know is found out", async () => {
  await writeFile(join(folder, "main.tf"), `${PROVIDER}\nresource "google_pubsub_topik" "topic" {\n}\n`);
  await using terraform = await openTerraform(folder);
  expect(await terraform.validate()).toEqual([
    expect.stringContaining(`does not support resource type "google_pubsub_topik"`),
  ]);
});

const PROVIDER = `
terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}
`;

async function problemsOf(lines: string): Promise<readonly string[]> {
  await writeFile(join(folder, "main.tf"), `${PROVIDER}\nresource "google_pubsub_topic" "topic" {\n${lines}\n}\n`);
  await using terraform = await openTerraform(folder);
  return await terraform.validate();
}
