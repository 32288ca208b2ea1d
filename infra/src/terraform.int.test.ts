import { globSync } from "node:fs";
import { resolve } from "node:path";
import { type Terraform, openTerraform, unformatted } from "./terraform.ts";

const FOLDER = resolve(import.meta.dirname, "../terraform");

let terraform: Terraform;
beforeAll(async () => {
  terraform = await openTerraform(FOLDER);
});
afterAll(() => terraform[Symbol.asyncDispose]());

test("the files are formatted", async () => {
  expect(await unformatted(FOLDER)).toEqual([]);
});

test("every argument is one that the provider knows, of its type, and none is missing", async () => {
  expect(await terraform.validate()).toEqual([]);
});

test("Terraform's own tests pass", async () => {
  // The rules' test runs the house's, which takes long.
  const files = globSync("tests/*.tftest.hcl", { cwd: FOLDER }).filter((file) => file !== "tests/house.tftest.hcl");
  const { runs, problems } = await terraform.test(...files);
  expect(problems).toEqual([]);
  expect(runs.length).toBeGreaterThan(0);
  expect(runs.filter(({ status }) => status !== "pass")).toEqual([]);
  // Each run goes through the whole project: half a minute in all, and more where others are at work.
}, 300_000);
