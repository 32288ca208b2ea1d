import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readDeployments } from "./deployments.ts";
import { housePrograms } from "./house-programs.ts";

const ROOT = resolve(import.meta.dirname, "..");

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "contextpilot-digests-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function record(names: readonly string[]) {
  const file = join(folder, "staging.images.tfvars.json");
  const input = names.map((name) => `shop/${name}@sha256:${"a".repeat(64)}\n`).join("");
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/record-digests.ts"), file], {
    input,
    encoding: "utf8",
  });
  return { status, stderr, read: (): unknown => JSON.parse(readFileSync(file, "utf8")) };
}
const names = housePrograms(ROOT).map(({ name }) => name);

test("a deployment names the images of all that runs in the cloud, the command line's too, and of nothing local", () => {
  const { status, read } = record(names);
  expect(status).toBe(0);
  const { image_digests } = read() as { image_digests: object };
  const inCloud = readDeployments(ROOT).flatMap(({ name, door }) => (door === "local" ? [] : [name]));
  expect(Object.keys(image_digests)).toEqual([...inCloud, "cli"].toSorted());
});

test("without the command line's image nothing is noted", () => {
  const { status, stderr, read } = record(names.filter((name) => name !== "cli"));
  expect(status).toBe(1);
  expect(stderr).toMatch(/^cli was not pushed/);
  expect(read).toThrow(/ENOENT/);
});
