import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository } from "@contextpilot/testing";
import * as fc from "fast-check";
import { addEntries } from "./add-entries.ts";
import { anyEntries, anyPage, page } from "./changelogs.fixture.ts";
import { patchOf } from "./patch.ts";

let folder: string;
let repository: GitRepository;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "patch-"));
  repository = await GitRepository.create(join(folder, "shop"), { bare: false });
  file = join(repository.path, "CHANGELOG.md");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What git makes of a file (undefined: there is none) with a patch. */
async function applied(before: Buffer | undefined, patch: string): Promise<Buffer> {
  await (before === undefined ? rm(file, { force: true }) : writeFile(file, before));
  await writeFile(join(folder, "patch"), patch);
  await repository.git("apply", "--check", "--whitespace=nowarn", "../patch");
  await repository.git("apply", "--whitespace=nowarn", "../patch");
  return readFile(file);
}

test.each<[string, string | undefined, string]>([
  ["a line in the middle", "a\nb\nc\n", "a\nx\nb\nc\n"],
  ["a line at the end of a file without a final newline", "a\nb", "a\nb\nx"],
  ["a line before the last, without a final newline", "a\nb", "a\nx\nb"],
  ["CRLF", "a\r\nb\r\n", "a\r\nx\r\nb\r\n"],
  ["both kinds of ends", "a\r\nb\nc\r\n", "a\r\nb\nx\nc\r\n"],
  ["a byte order mark", "\uFEFF# a\nb\n", "\uFEFF# a\nx\nb\n"],
  ["a lone carriage return, and what only Unicode takes for a line's end", "a\rb\u2028c\n", "a\rb\u2028c\nx\n"],
  ["an empty file", "", "x\n"],
  ["a file that is not there", undefined, "# Changelog\n\n- ä\n"],
])("git applies %s to the byte", async (_what, before, after) => {
  const { patch } = patchOf("CHANGELOG.md", before, after);
  const bytes = before === undefined ? undefined : Buffer.from(before);
  expect((await applied(bytes, patch)).toString("latin1")).toBe(Buffer.from(after).toString("latin1"));
});

test("whatever changelog takes lines, git applies the patch to what was meant, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(anyPage, anyEntries, async (before, entries) => {
      const result = addEntries({ text: before, truncated: false }, entries);
      if (result.kind === "refused" || result.added.length === 0) return;
      const { patch } = patchOf("CHANGELOG.md", before, result.text);
      expect((await applied(Buffer.from(before), patch)).equals(Buffer.from(result.text))).toBe(true);
    }),
    { numRuns: 100 },
  );
}, 60_000);

test("a patch of the first 64 KiB applies to a file of 2 MiB, and touches nothing behind them", async () => {
  const head = page(
    "# Changelog",
    "",
    "## [Unreleased]",
    "",
    "### Added",
    "",
    "- One",
    "",
    "## [1.0.0]",
    "",
    "### Added",
    "",
  );
  const release = page("- Something that was added long ago", "");
  const rest = Buffer.concat([Buffer.from(release.repeat(57_000)), Buffer.from([0xff, 0xfe])]);
  const whole = Buffer.concat([Buffer.from(head), rest]);
  const firstPart = whole.subarray(0, whole.subarray(0, 65_536).lastIndexOf("\n") + 1).toString();
  const result = addEntries({ text: firstPart, truncated: true }, [{ section: "Fixed", text: "Two" }]);
  if (result.kind === "refused") throw new Error(result.why);

  const { patch } = patchOf("CHANGELOG.md", firstPart, result.text);
  expect(whole.length).toBeGreaterThan(2 * 1024 * 1024);
  expect(patch.length).toBeLessThan(500);
  const after = await applied(whole, patch);
  expect(after.equals(Buffer.concat([Buffer.from(result.text), whole.subarray(firstPart.length)]))).toBe(true);
});
