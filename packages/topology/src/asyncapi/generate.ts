import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { asyncApiDocument, eventTypes } from "./document.ts";
import { envelopeComments, eventComments } from "./event-comments.ts";
import { eventsPage } from "./events-page.ts";

// Writes asyncapi.json and events.md into docs/, or the folder that is named; with --check it only compares, and exits with 1 where one
// is out of date.
const { values, positionals } = parseArgs({ options: { check: { type: "boolean" } }, allowPositionals: true });
const folder = positionals[0] ?? fileURLToPath(new URL("../../../../docs", import.meta.url));

const sources = fileURLToPath(new URL("../../../events/src", import.meta.url));
const comments = eventComments(sources, eventTypes);
const document = asyncApiDocument(comments);
const files = {
  "asyncapi.json": `${JSON.stringify(document, null, 2)}\n`,
  "events.md": eventsPage(document, comments, envelopeComments(sources)),
};

mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(files)) {
  const file = join(folder, name);
  if (!values.check) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    process.stderr.write(`${file} is out of date: run node packages/topology/src/asyncapi/generate.ts\n`);
    process.exitCode = 1;
  }
}
