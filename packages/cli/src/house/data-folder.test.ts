import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { openDataFolder } from "./data-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-folder-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a relative path names the same folder wherever it is used", () => {
  const data = openDataFolder(relative(process.cwd(), join(folder, "new")));
  expect(data).toMatchObject({ path: join(folder, "new"), demo: join(folder, "new", "demo") });
});
