import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const generate = (...args: readonly string[]): { status: number | null; stderr: string } => {
  const script = join(import.meta.dirname, "generate.ts");
  const { status, stderr } = spawnSync(process.execPath, ["--no-warnings", script, ...args], { encoding: "utf8" });
  return { status, stderr };
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topology-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("infra/terraform/topology.json is in date", () => {
  expect(generate("--check")).toEqual({ status: 0, stderr: "" });
});

test("what was generated is in date until somebody changes it, and the check says what to do", () => {
  const file = join(folder, "infra", "topology.json");
  expect(generate(file)).toEqual({ status: 0, stderr: "" });
  expect(generate("--check", file)).toEqual({ status: 0, stderr: "" });

  const text = readFileSync(file, "utf8");
  const changed = text.replace(`"ackDeadlineSeconds": 120`, `"ackDeadlineSeconds": 121`);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
  expect(generate("--check", file)).toEqual({ status: 1, stderr: expect.stringContaining("is out of date: run node") });
  expect(readFileSync(file, "utf8")).toBe(changed);
});

test("a file that is not there is out of date", () => {
  expect(generate("--check", join(folder, "none.json")).status).toBe(1);
});
