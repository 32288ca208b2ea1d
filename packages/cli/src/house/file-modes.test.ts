import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WatchedRepositories } from "../watch/watched-repositories.ts";
import { openDataFolder } from "./data-folder.ts";
import { announceHouse } from "./house-address.ts";
import { LogFile } from "./log-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "file-modes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (...path: readonly string[]): string => (statSync(join(folder, ...path)).mode & 0o777).toString(8);

test("a data folder that is made is its owner's alone", () => {
  openDataFolder(join(folder, "some", "where"));
  expect([modeOf("some"), modeOf("some", "where")]).toEqual(["700", "700"]);
});

test("the log, the address and the watched repositories are their owner's alone", async () => {
  const data = openDataFolder(folder);
  const log = await LogFile.open(data.logFile);
  await log.close();
  announceHouse(folder, { webhookUrl: "http://127.0.0.1:1", apiUrl: "http://127.0.0.1:2" });
  new WatchedRepositories(folder).replace({});
  expect(["house.log", "house.json", "repositories.json"].map((file) => modeOf(file))).toEqual(["600", "600", "600"]);
});
