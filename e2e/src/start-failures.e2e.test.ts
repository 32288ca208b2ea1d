import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSecrets, openDataFolder, startHouse } from "@contextpilot/cli";
import { SqliteStore } from "@contextpilot/sqlite";
import { runProgram, type Program, type RunOptions } from "./run-program.ts";
import { canMountDisks, onDiskWith } from "./small-disk.ts";

const CLI = new URL("../../packages/cli/src/main.ts", import.meta.url);

let folder: string;
let data: string;
const running = new Set<Program>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-start-"));
  data = join(folder, "data");
});
afterEach(async () => {
  for (const program of running) await program.stop("SIGKILL");
  running.clear();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a house that cannot start, and gives the one line that it says about it. */
async function refusal(args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
  const free = ["--data", data, "--port", "0", "--api-port", "0"];
  const program = runProgram(CLI, ["up", "--json", ...free, ...args], options);
  running.add(program);
  const code = await program.ended();
  const lines = program.errors().trim().split("\n");
  expect({ code, said: program.lines, lines }).toEqual({ code: 1, said: [], lines: [expect.any(String)] });
  expect(lines[0]).toMatch(/^contextpilot: /);
  expect(lines[0]).not.toMatch(/ at .+:\d+:\d+/);
  return lines[0] ?? "";
}

describe("a house that cannot start says in one line what is wrong and what to do, and exits 1:", () => {
  test.each(["broker", "dashboard", "coach-agent", "payloads"])("a damaged database of %s", async (name) => {
    mkdirSync(data);
    writeFileSync(join(data, `${name}.sqlite`), "no database, ".repeat(1000));
    expect(await refusal()).toContain(`${join(data, name)}.sqlite is damaged, or is no database`);
  });

  test("a database that is not to be written", async () => {
    const file = join(data, "context-agent.sqlite");
    await SqliteStore.open({ file }).close();
    const bytes = readFileSync(file);
    bytes[18] = 3; // A write version that SQLite does not know: it reads such a file, and never writes it, not even for root.
    writeFileSync(file, bytes);
    expect(await refusal()).toMatch(new RegExp(`${file} cannot be written .*Let this user write the file`));
  });

  test("a database that another house has open", async () => {
    const other = await startHouse({
      data: openDataFolder(data),
      secrets: loadSecrets(data),
      repositories: {},
      webhookPort: 0,
      apiPort: 0,
      retryScale: 0.01,
    });
    try {
      expect(await refusal()).toMatch(/is in use by another ContextPilot .*Stop that one/);
    } finally {
      await other.close();
    }
  });

  test("a file in the place of the data folder", async () => {
    writeFileSync(data, "");
    expect(await refusal()).toMatch(new RegExp(`data folder ${data} cannot be used .*--data`));
  });

  test("a folder in the place of the log", async () => {
    mkdirSync(join(data, "house.log"), { recursive: true });
    expect(await refusal()).toMatch(new RegExp(`the log ${data}/house.log cannot be written .*--data`));
  });

  test.each([
    ["cut off", '{ "webhook": "0123456789abcdef", "auth'],
    ["too short", '{ "webhook": "short", "author_key": "0123456789abcdef" }'],
  ])("secrets that are %s", async (_, text) => {
    mkdirSync(data);
    writeFileSync(join(data, "secrets.json"), text);
    expect(await refusal()).toMatch(/secrets\.json cannot be read .*remove it to have new ones made/);
  });

  test("a folder in the place of the secrets", async () => {
    mkdirSync(join(data, "secrets.json"), { recursive: true });
    expect(await refusal()).toMatch(/secrets\.json cannot be read: EISDIR/);
  });

  test("no git", async () => {
    expect(await refusal([], { path: folder })).toContain("git was not found: install it, or add it to PATH");
  });

  test.each([
    [["--prot", "1"], /unknown option '--prot' .*--port.* \(--help says more\)$/],
    [["--port", "http"], /--port .*'http'.*a port is a number from 0 to 65535.* \(--help says more\)$/],
    [["--api-port", "65536"], /--api-port .*'65536'.*a port is a number from 0 to 65535/],
    [["--retry-scale", "0"], /--retry-scale .*'0'.*a number above 0, at most 1/],
    [["--data"], /'--data <folder>' argument missing/],
  ])("%j", async (args, line) => {
    expect(await refusal(args)).toMatch(line);
  });
});

const describeOnDisk = canMountDisks() ? describe : describe.skip;
describeOnDisk("on a disk that is full [needs user namespaces, to mount a small disk]", () => {
  // So that, one after the other: the secrets, a first database, a later one, and the demo's repository do not fit.
  test.each([0, 8, 120, 320])("with room for %i KiB a house does not start, and says so in one line", async (room) => {
    mkdirSync(data);
    expect(await refusal([], { under: onDiskWith(data, room) })).toMatch(/free some space/i);
  });
});

test("what was opened before something could not start is closed again", async () => {
  const options = { repositories: {}, webhookPort: 0, apiPort: 0, retryScale: 0.01 };
  const house = { ...options, data: openDataFolder(data), secrets: loadSecrets(data) };
  const damaged = house.data.database("coach-agent");
  writeFileSync(damaged, "no database, ".repeat(1000));
  await expect(startHouse(house)).rejects.toThrow("is damaged");
  await rm(damaged);
  await (await startHouse(house)).close();
});
