import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { resolveTopology } from "../resolve.ts";
import { asyncApiDocument, eventTypes, hearersOf, speakersOf } from "./document.ts";
import { envelopeComments, eventComments } from "./event-comments.ts";
import { eventsPage } from "./events-page.ts";

const sources = join(import.meta.dirname, "../../../events/src");
const comments = eventComments(sources, eventTypes);
const document = asyncApiDocument(comments);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "asyncapi-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function generate(...args: readonly string[]) {
  const script = join(import.meta.dirname, "generate.ts");
  const { status, stderr } = spawnSync(process.execPath, ["--no-warnings", script, ...args], { encoding: "utf8" });
  return { status, stderr };
}

/** An error is 0 and a warning 1; what is above is advice, as to take the newest version. */
const FAULTS = new Set<number>([0, 1]);

const heard = (name: string) => document.operations[name]?.messages.map(({ $ref }) => $ref.split("/").at(-1));

async function problemsOf(text: string): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(text);
  return diagnostics
    .filter(({ severity }) => FAULTS.has(severity))
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("AsyncAPI's own parser takes the document", async () => {
  expect(await problemsOf(JSON.stringify(document))).toEqual([]);
});

test("AsyncAPI's own parser finds a message that is not there", async () => {
  const wrong = JSON.stringify(document).replace(
    '"$ref":"#/components/messages/git.push.v1"',
    '"$ref":"#/components/messages/none"',
  );
  expect(await problemsOf(wrong)).not.toEqual([]);
});

test("docs/asyncapi.json and docs/events.md are in date", () => {
  expect(generate("--check")).toEqual({ status: 0, stderr: "" });
});

test("what was generated is in date until somebody changes it, and the check says what to do", () => {
  expect(generate(folder)).toEqual({ status: 0, stderr: "" });
  expect(generate("--check", folder)).toEqual({ status: 0, stderr: "" });
  const file = join(folder, "events.md");
  writeFileSync(file, readFileSync(file, "utf8").replace("repository", "project"));
  expect(generate("--check", folder)).toEqual({
    status: 1,
    stderr: expect.stringContaining("events.md is out of date: run node"),
  });
});

test("every topic is a channel, every subscription an operation that receives from its topic", () => {
  const { topics, subscriptions } = resolveTopology();
  expect(Object.keys(document.channels)).toEqual(topics.map(({ name }) => name));
  for (const { name, topic } of subscriptions) {
    expect(document.operations[name]).toMatchObject({ action: "receive", channel: { $ref: `#/channels/${topic}` } });
  }
});

test("who hears a family gets it and nothing else; who hears a topic gets all of it", () => {
  expect(heard("coach-from-proposals")).toEqual(["proposal.created.v1"]);
  expect(heard("ui-from-git")).toEqual(["git.push.v1", "git.commit.v1"]);
  expect(heard("ui-from-git-dlq")).toEqual(["dead-letter"]);
  expect(speakersOf("git.push.v1")).toEqual(["webhook", "git-agent"]);
  expect(hearersOf("git.push.v1").map(({ name }) => name)).toEqual(["git-from-push", "ui-from-git"]);
});

describe("the page", () => {
  const page = eventsPage(document, comments, envelopeComments(sources));

  test.each(eventTypes)("says of %s what it is, where it is said, and each of its fields", (type) => {
    const [, part = ""] = page.split(`## ${type}\n`);
    const section = part.split("\n## ")[0] ?? "";
    expect(section).toContain(comments.get(type)?.event);
    for (const field of Object.keys(document.components.schemas[type]?.["properties"] ?? {})) {
      expect(section).toContain(`| \`${field}\` |`);
    }
  });

  test("says what a field may be, in words", () => {
    expect(page).toContain("| `next_actions` | list, 2 to 3 of text, 1 to 300 characters |");
    expect(page).toContain("| `cursor.offset` | integer, 0 or more | How many commits were said before this slice. |");
    expect(page).toContain("| `hops` | integer, 0 or more; default 0 | How many causes stand before it. Default: 0. |");
    expect(page).toContain('| `origin` | "push", "import"; optional | `import`: history that is read once');
  });
});

test("an event without a word in the source is refused, by its name", () => {
  writeFileSync(join(folder, "quiet.ts"), 'export const quiet = defineEvent("quiet.thing.v1", () => ({}));\n');
  expect(() => eventComments(folder, ["quiet.thing.v1"])).toThrow(/quiet.thing.v1: say in packages\/events what it is/);
});
