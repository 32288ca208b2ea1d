import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { catalogue } from "./catalogue.ts";
import { parseEventType } from "./event-type.ts";
import type { JsonSchema } from "./json-schema.ts";
import { incompatibilities } from "./schema-compatibility.ts";

// Writes the schema of each event type's data, as it is read, into packages/events/schemas or the folder that is named; with
// --check it only compares. Either way a change that breaks who reads or was read is refused, and nothing is written: exit 1.
// docs/event-versions.md says what to do then.
const { values, positionals } = parseArgs({ options: { check: { type: "boolean" } }, allowPositionals: true });
const folder = positionals[0] ?? fileURLToPath(new URL("../schemas", import.meta.url));

const kept = readKept();
const wanted = new Map<string, JsonSchema>(Object.values(catalogue).map((each) => [each.type, each.jsonSchema()]));
const broken = [...kept].flatMap(([type, before]) => breaksOf(type, before));
const changed = [...wanted].filter(([type, schema]) => textOf(schema) !== textOf(kept.get(type)));

if (broken.length > 0) {
  fail(...broken, "docs/event-versions.md says how a new version is made.");
} else if (!values.check) {
  mkdirSync(folder, { recursive: true });
  for (const [type, schema] of changed) writeFileSync(fileOf(type), textOf(schema));
} else if (changed.length > 0) {
  const types = changed.map(([type]) => type).join(", ");
  fail(`${types}: not as kept; nobody breaks. Keep the new: run node packages/events/src/generate-schemas.ts`);
}

function breaksOf(type: string, before: JsonSchema): readonly string[] {
  const after = wanted.get(type);
  if (after === undefined)
    return [`${type} is gone: what was published as such can no longer be read. Keep its definition.`];
  const problems = incompatibilities(before, after);
  return problems.length === 0
    ? []
    : [
        ...problems.map((problem) => `${type} ${problem}`),
        `Leave ${type} as it was, and make it ${nextVersionOf(type)}.`,
      ];
}

function nextVersionOf(type: string): string {
  const family = parseEventType(type)?.family;
  const versions = Object.values(catalogue).flatMap((each) => (each.family === family ? [each.version] : []));
  return `${family}.v${Math.max(...versions) + 1}`;
}

function readKept(): ReadonlyMap<string, JsonSchema> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  return new Map(
    files.map((file) => [
      file.slice(0, -".json".length),
      JSON.parse(readFileSync(join(folder, file), "utf8")) as JsonSchema,
    ]),
  );
}

function fileOf(type: string): string {
  return join(folder, `${type}.json`);
}

function textOf(schema: JsonSchema | undefined): string {
  return schema === undefined ? "" : `${JSON.stringify(schema, null, 2)}\n`;
}

function fail(...lines: readonly string[]): void {
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exitCode = 1;
}
