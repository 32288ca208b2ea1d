import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import * as fc from "fast-check";
import { loadSecrets, readApiToken } from "./secrets.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "contextpilot-secrets-"));
  file = join(folder, "secrets.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("they are made once, for their owner's eyes", () => {
  expect(readApiToken(folder)).toBeUndefined();
  const made = loadSecrets(folder);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(new Set(Object.values(made)).size).toBe(3);
  expect(loadSecrets(folder)).toEqual(made);
  expect(readApiToken(folder)).toBe(made.api_token);
});

test("a file of before gets what it lacks, and keeps what it has", () => {
  const old = { webhook: "w".repeat(64), author_key: "a".repeat(64), of_a_newer_house: "kept" };
  writeFileSync(file, JSON.stringify(old), { mode: 0o600 });
  expect(readApiToken(folder)).toBeUndefined();

  const { api_token } = loadSecrets(folder);
  expect(api_token).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ ...old, api_token });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadSecrets(folder).api_token).toBe(api_token);
});

test.each(["", "{", `{"webhook":"short"}`, "[]"])("%j is refused with the remedy, not overwritten", (text) => {
  writeFileSync(file, text);
  expect(() => loadSecrets(folder)).toThrow("bring back a copy");
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("whatever the file has, it is read, or refused with the remedy and left as it was", () => {
  const secret = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[0-9a-f]{64}$/), fc.jsonValue());
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.jsonValue({ stringUnit: "binary" }).map((value) => Buffer.from(JSON.stringify(value))),
    fc
      .record({ webhook: secret, author_key: secret, api_token: secret }, { requiredKeys: [] })
      .map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(bytes, (before) => {
      writeFileSync(file, before);
      try {
        const secrets = loadSecrets(folder);
        expect(Object.values(secrets).every((value) => value.length >= 16)).toBe(true);
        expect(loadSecrets(folder)).toEqual(secrets);
      } catch (error) {
        if (!(error instanceof StartError && readFileSync(file).equals(before))) throw error;
      }
    }),
    { numRuns: 300 },
  );
});
