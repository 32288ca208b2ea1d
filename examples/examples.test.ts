import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const folder = import.meta.dirname;
const examples = readdirSync(folder).filter((name) => /^[0-9]{2}-.*\.ts$/.test(name));

test.each(examples)("%s prints what it says it prints", async (name) => {
  const file = join(folder, name);
  const promised = [...readFileSync(file, "utf8").matchAll(/^ \* > (.*)\n/gm)].map(([, line]) => line);
  const { stdout } = await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", file]);
  expect(promised.length).toBeGreaterThan(0);
  expect(stdout.trimEnd().split("\n")).toEqual(promised);
});
