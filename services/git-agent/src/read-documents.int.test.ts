import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository, type FileChange } from "@contextpilot/testing";
import { DOCUMENT_BYTES, readDocuments } from "./read-documents.ts";

let folder: string;
let repository: GitRepository;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-documents-"));
  repository = await GitRepository.create(join(folder, "repository.git"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function documents(...changes: readonly FileChange[]) {
  return readDocuments(repository, await repository.commit({ changes }));
}
const file = (path: string, content: string | Buffer = "x\n"): FileChange => ({ path, content });

test.each([
  ["CHANGELOG.md", ["CHANGELOG.md", "HISTORY.md", "NEWS"]],
  ["Changelog.md", ["CHANGELOG.rst", "Changelog.md"]],
  ["CHANGES", ["CHANGES", "HISTORY.md"]],
  ["release-notes.md", ["release-notes.md", "README.md"]],
])("%s is taken of %j", async (path, paths) => {
  expect(await documents(...paths.map((each) => file(each)))).toMatchObject([{ path, text: "x\n", truncated: false }]);
});

test.each([
  ["no files", []],
  ["nothing by such a name", [file("README.md"), file("changelog.ts"), file("my-changelog.md")]],
  ["one further down only", [file("docs/CHANGELOG.md")]],
  ["a folder by that name", [file("changes/1.md"), file("history/CHANGELOG.md")]],
  ["a submodule by that name", [{ path: "history", submodule: "1".repeat(40) }]],
])("a commit with %s has none", async (_what, changes) => {
  expect(await documents(...changes)).toEqual([]);
});

test("every byte of the text stays", async () => {
  const text = "\uFEFF# Änderungen\r\n\r\n\f- 💡\tone\rtwo";
  const [document] = await documents(file("CHANGELOG.md", text));
  expect(document).toEqual({
    path: "CHANGELOG.md",
    blob_hash: (await repository.git("rev-parse", "main:CHANGELOG.md")).trim(),
    text,
    truncated: false,
  });
});

test.each<[string, FileChange]>([
  ["binary", file("CHANGELOG.md", Buffer.from([35, 0, 10]))],
  ["in another encoding", file("CHANGELOG.md", Buffer.from("# \xc4nderungen\n", "latin1"))],
  ["coloured for a terminal", file("CHANGELOG.md", "\u001b[1mbold\n")],
  ["a symbolic link", { path: "CHANGELOG.md", content: "docs/changes.md", mode: "120000" }],
])("one that is %s has no text", async (_what, change) => {
  const [document] = await documents(change);
  expect(document).toMatchObject({ path: "CHANGELOG.md", truncated: false });
  expect(document).not.toHaveProperty("text");
});

describe("of a long one", () => {
  const line = `${"ä".repeat(40)}\n`;

  test("of 2 MiB the first 64 KiB are taken, to the end of a line", async () => {
    const [document] = await documents(file("CHANGELOG.md", line.repeat(26_000)));
    expect(document).toMatchObject({ truncated: true });
    expect(document?.text).toBe(line.repeat(Math.floor(DOCUMENT_BYTES / Buffer.byteLength(line))));
  });

  test("of exactly 64 KiB all is taken, without a final newline too", async () => {
    const text = "x".repeat(DOCUMENT_BYTES - 2) + "\nx";
    expect(await documents(file("CHANGELOG.md", text))).toMatchObject([{ text, truncated: false }]);
  });

  test("a single line leaves nothing", async () => {
    const text = "x".repeat(DOCUMENT_BYTES + 1);
    expect(await documents(file("CHANGELOG.md", text))).toMatchObject([{ text: "", truncated: true }]);
  });
});
