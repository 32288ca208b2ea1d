import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readComposeSettings } from "./compose-settings.ts";
import { makeEnvironmentFile, readEnvironmentFile } from "./environment-file.ts";

const inRoot = (file: string): string => fileURLToPath(new URL(`../../../../${file}`, import.meta.url));
const EXAMPLE = inRoot(".env.example");
const SECRETS = readComposeSettings(inRoot("docker-compose.yml")).required;

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "contextpilot-env-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("it is made with a secret for each, for its owner alone, and keeps the rest as the example has it", () => {
  const file = join(folder, ".env");
  expect(makeEnvironmentFile(file, EXAMPLE, SECRETS)).toBe(true);
  const { WEBHOOK_SECRET, AUTHOR_KEY, API_TOKEN, ...rest } = readEnvironmentFile(file);
  const secrets = [WEBHOOK_SECRET, AUTHOR_KEY, API_TOKEN];
  for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(secrets).size).toBe(secrets.length);
  expect(readEnvironmentFile(EXAMPLE)).toMatchObject(rest);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("one that is there is left as it is", () => {
  const file = join(folder, ".env");
  makeEnvironmentFile(file, EXAMPLE, SECRETS);
  const before = readFileSync(file, "utf8");
  expect(makeEnvironmentFile(file, EXAMPLE, SECRETS)).toBe(false);
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("where it cannot be made or read, it is named", () => {
  const file = join(folder, "nowhere/.env");
  expect(() => makeEnvironmentFile(file, EXAMPLE, SECRETS)).toThrow(`${file} cannot be made`);
  expect(() => readEnvironmentFile(file)).toThrow(`${file} cannot be read`);
});
