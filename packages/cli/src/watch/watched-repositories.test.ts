import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import * as fc from "fast-check";
import { WatchedRepositories, type Watched } from "./watched-repositories.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "watched-"));
  file = join(folder, "repositories.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const name = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("__proto__", "constructor", ""));
const text = fc.string({ unit: "binary", maxLength: 20 });
const repository = fc.record(
  { path: text, git_folder: text, hook: text, hook_sha256: text, remote: text, tips: fc.array(text, { maxLength: 3 }) },
  { requiredKeys: ["path", "git_folder", "hook", "hook_sha256", "tips"], noNullPrototype: true },
);
const anyWatched: fc.Arbitrary<Watched> = fc
  .array(fc.tuple(name, repository), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));

test("whatever is watched is read back as it was written", () => {
  fc.assert(
    fc.property(anyWatched, (watched) => {
      new WatchedRepositories(folder).replace(watched);
      // As text: Jest's equality takes a key named __proto__ for the prototype.
      expect(JSON.stringify(new WatchedRepositories(folder).all())).toBe(JSON.stringify(watched));
    }),
    { numRuns: 200 },
  );
});

test("whatever the file has, it is read, or refused with the remedy and left as it was", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.jsonValue({ stringUnit: "binary" }).map((value) => Buffer.from(JSON.stringify(value))),
    fc.tuple(anyWatched, fc.nat(), fc.nat(4)).map(([watched, at, remove]) => {
      const json = Buffer.from(JSON.stringify(watched));
      const place = at % json.length;
      return Buffer.concat([json.subarray(0, place), json.subarray(place + remove)]);
    }),
  );
  fc.assert(
    fc.property(bytes, name, (before, wanted) => {
      writeFileSync(file, before);
      try {
        new WatchedRepositories(folder).get(wanted);
      } catch (error) {
        if (!(error instanceof StartError && error.message.endsWith("watch the repositories again"))) throw error;
      }
      expect(readFileSync(file).equals(before)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
