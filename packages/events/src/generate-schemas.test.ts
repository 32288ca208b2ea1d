import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogue } from "./catalogue.ts";

const kept = join(import.meta.dirname, "../schemas");
const generate = (...args: readonly string[]): { status: number | null; stderr: string } => {
  const script = join(import.meta.dirname, "generate-schemas.ts");
  const { status, stderr } = spawnSync(process.execPath, ["--no-warnings", script, ...args], { encoding: "utf8" });
  return { status, stderr };
};
const said = (...parts: readonly string[]): unknown =>
  expect.stringMatching(new RegExp(parts.map((part) => part.replaceAll(/[.[\]]/g, "\\$&")).join("[^]*")));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "schemas-"));
  cpSync(kept, folder, { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Makes what was kept before another, so that the catalogue is the change. */
function before(type: string, change: (text: string) => string): string {
  const file = join(folder, `${type}.json`);
  const text = readFileSync(file, "utf8");
  const changed = change(text);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
  return file;
}

test("every event type of the catalogue has its schema in packages/events/schemas, in date", () => {
  expect(readdirSync(kept).sort()).toEqual(
    Object.keys(catalogue)
      .map((type) => `${type}.json`)
      .sort(),
  );
  expect(generate("--check")).toEqual({ status: 0, stderr: "" });
});

test("a change that breaks nobody is kept when asked for; until then the check says so", () => {
  const file = before("coach.nudge.v1", (text) => text.replace('"maxLength": 120', '"maxLength": 100'));
  const stale = {
    status: 1,
    stderr: said("coach.nudge.v1: not as kept", "run node packages/events/src/generate-schemas.ts"),
  };
  expect(generate("--check", folder)).toEqual(stale);
  expect(generate(folder)).toEqual({ status: 0, stderr: "" });
  expect(readFileSync(file, "utf8")).toBe(readFileSync(join(kept, "coach.nudge.v1.json"), "utf8"));
  expect(generate("--check", folder)).toEqual({ status: 0, stderr: "" });
});

test("a new event type is one that breaks nobody", () => {
  rmSync(join(folder, "clock.tick.v1.json"));
  expect(generate("--check", folder)).toEqual({ status: 1, stderr: said("clock.tick.v1: not as kept; nobody breaks") });
  expect(generate(folder).status).toBe(0);
  expect(existsSync(join(folder, "clock.tick.v1.json"))).toBe(true);
});

test.each<[string, (text: string) => string, string]>([
  [
    "a field that is gone",
    (text) => text.replace('"properties": {', '"properties": { "mood": { "type": "string" },'),
    "coach.nudge.v1 data.mood: is gone",
  ],
  [
    "a narrower limit",
    (text) => text.replace('"maxLength": 120', '"maxLength": 121'),
    "coach.nudge.v1 data.title: takes maxLength 120 now, took maxLength 121",
  ],
  [
    "a field that is required now",
    (text) => text.replace('    "eta_minutes",\n', ""),
    "coach.nudge.v1 data.eta_minutes: is required now",
  ],
])("%s is refused, by the check and by the generator, and the way is a new version", (_what, change, problem) => {
  const file = before("coach.nudge.v1", change);
  const text = readFileSync(file, "utf8");
  rmSync(join(folder, "clock.tick.v1.json"));
  const refused = { status: 1, stderr: said(problem, "make it coach.nudge.v2", "docs/event-versions.md") };
  expect(generate("--check", folder)).toEqual(refused);
  expect(generate(folder)).toEqual(refused);
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(existsSync(join(folder, "clock.tick.v1.json"))).toBe(false);
});

test("an event type that is gone is refused", () => {
  renameSync(join(folder, "clock.tick.v1.json"), join(folder, "clock.tack.v1.json"));
  expect(generate("--check", folder)).toEqual({
    status: 1,
    stderr: said("clock.tack.v1 is gone: ", "Keep its definition"),
  });
});
