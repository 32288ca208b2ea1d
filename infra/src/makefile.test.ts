import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { CONFIRM: _, MAKEFLAGS: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    env: { ...inherited, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { status, stdout, stderr };
}
const linesOf = (target: string): readonly string[] => run("make", ["-n", target]).stdout.trim().split("\n");

test("make alone says what there is to make", () => {
  const { status, stdout } = run("make", []);
  expect(status).toBe(0);
  for (const target of ["build", "push", "deploy", "dev-full", "tf-plan-staging", "tf-apply-production"]) {
    expect(stdout).toContain(`make ${target}\n`);
  }
});

test.each(["staging", "production"])(
  "make tf-apply-%s shows a plan, asks, and makes that plan and no other",
  (name) => {
    const [init, plan, checked, asked, apply, ...more] = linesOf(`tf-apply-${name}`);
    expect(init).toContain(`init -input=false -backend-config=environments/${name}.gcs.tfbackend`);
    expect(plan).toContain(`plan -input=false -out=${name}.tfplan -var-file=environments/${name}.tfvars`);
    expect(checked).toMatch(new RegExp(`show -json ${name}\\.tfplan \\| scripts/node24 scripts/check-plan\\.ts$`));
    expect(asked).toBe(`infra/confirm.sh ${name}`);
    expect(apply).toMatch(new RegExp(`apply -input=false ${name}\\.tfplan$`));
    expect(more).toEqual([]);
  },
);

test.each(["docs/deploy.md", "docs/operations.md"])("%s names only targets and outputs that are there", (page) => {
  const text = readFileSync(resolve(ROOT, page), "utf8");
  const targets = [...text.matchAll(/(?:`|^ {4})make ([a-z]+(?:-[a-z]+)*)(?![a-z-]|…)/gm)].flatMap(
    ([, target = ""]) => target,
  );
  expect(targets).toContain("tf-apply-staging");
  const missing = [...new Set(targets)].filter((target) => run("make", ["-n", target]).status !== 0);
  expect(missing).toEqual([]);
  const outputs = readFileSync(resolve(ROOT, "infra/terraform/outputs.tf"), "utf8");
  const named = [...text.matchAll(/terraform output -raw (\w+)/g)].map(([, output = ""]) => output);
  expect(named.filter((output) => !outputs.includes(`output "${output}"`))).toEqual([]);
});

test("an environment's state is never taken for the other's", () => {
  const folders = ["staging", "production"].map(
    (name) => /TF_DATA_DIR=(\S+)/.exec(linesOf(`tf-plan-${name}`)[0] ?? "")?.[1],
  );
  expect(folders).toEqual([".terraform/staging", ".terraform/production"]);
});

test.each([
  [{}, 1, /nobody can be asked about production.*CONFIRM=production/],
  [{ CONFIRM: "staging" }, 1, /CONFIRM=staging is not production/],
  [{ CONFIRM: "yes" }, 1, /CONFIRM=yes is not production/],
  [{ CONFIRM: "production" }, 0, /^$/],
])("without a terminal, %j: production is changed or not (%i)", (env, code, said) => {
  const { status, stderr } = run("infra/confirm.sh", ["production"], env);
  expect(stderr.trim()).toMatch(said);
  expect(status).toBe(code);
});
