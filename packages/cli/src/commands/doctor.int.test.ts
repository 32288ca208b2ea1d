import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository } from "@contextpilot/testing";
import { examineGit, examineNode } from "../doctor/examine-machine.ts";
import type { Finding } from "../doctor/finding.ts";
import { announceHouse } from "../house/house-address.ts";
import { openDataFolder } from "../house/data-folder.ts";
import { loadSecrets } from "../house/secrets.ts";
import { startHouse } from "../house/start-house.ts";
import { runCommand } from "./commands.fixture.ts";

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-doctor-"));
  data = join(folder, "data");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ports = ["--port", "0", "--api-port", "0"];

async function wrongs(...args: readonly string[]): Promise<readonly string[]> {
  const { out, failed } = await runCommand(["doctor", "--json", "--data", data, ...ports, ...args]);
  const findings = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Finding);
  const found = findings.flatMap((each) =>
    each.state === "wrong" ? [`${each.check}: ${each.what}; mend: ${each.mend}`] : [],
  );
  expect(failed).toBe(found.length > 0);
  return found;
}

async function watchedRepository(): Promise<GitRepository> {
  const repository = await GitRepository.create(join(folder, "till.git"));
  await runCommand(["watch", repository.path, "--data", data]);
  return repository;
}

test("before anything was started nothing is wrong, and each line says how things are", async () => {
  expect(await wrongs()).toEqual([]);
  const { out } = await runCommand(["doctor", "--data", data, ...ports]);
  expect(out).toMatch(/^ok +node +Node \d+\..*\nok +git +git version .*\nok +data folder .* is not there yet/);
  expect(out).toContain("does not run: ./contextpilot up starts it");
});

test("a house that runs and a repository that is watched are well", async () => {
  const opened = openDataFolder(data);
  const options = { repositories: {}, webhookPort: 0, apiPort: 0, retryScale: 0.01 };
  const house = await startHouse({ ...options, data: opened, secrets: loadSecrets(data) });
  try {
    await watchedRepository();
    expect(await wrongs()).toEqual([]);
    const { out } = await runCommand(["doctor", "--data", data]);
    expect(out).toContain(`runs: web API at ${house.apiUrl}, webhook at ${house.webhookUrl}`);
    expect(out).toContain("watched till");
  } finally {
    await house.close();
  }
  expect((await runCommand(["doctor", "--data", data, ...ports])).out).toContain("does not run");
});

test("a port that another program has is named with the flag", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    expect(await wrongs("--api-port", String(port))).toEqual([
      expect.stringMatching(`^ports: ${port} cannot be listened at \\(EADDRINUSE\\); mend: .* --api-port <port>$`),
    ]);
  } finally {
    server.close();
  }
});

test("a house that was killed is one that does not answer", async () => {
  openDataFolder(data);
  announceHouse(data, { webhookUrl: "http://127.0.0.1:1", apiUrl: "http://127.0.0.1:1" });
  expect(await wrongs()).toEqual([expect.stringMatching(/^house: was not ended in order.*mend: start it again/)]);
});

test("secrets that others can read, and damaged ones", async () => {
  openDataFolder(data);
  loadSecrets(data);
  const file = join(data, "secrets.json");
  await chmod(file, 0o644);
  expect(await wrongs()).toEqual([`secrets: ${file} can be read by others; mend: chmod 600 ${file}`]);
  await writeFile(file, "{");
  expect(await wrongs()).toEqual([expect.stringMatching(/^secrets: .*cannot be read as the house's secrets/)]);
});

test("a file in the place of the data folder", async () => {
  await writeFile(data, "");
  expect((await wrongs())[0]).toMatch(/^data folder: .* cannot be used: it is no folder; mend: .*--data$/);
});

test.each<readonly [string, string, (repository: GitRepository) => Promise<unknown>]>([
  ["is gone", "is no folder; mend: bring it back, or: ", ({ path }) => rm(path, { recursive: true })],
  ["lost its hook", "is missing; mend: ./contextpilot watch ", ({ path }) => rm(join(path, "hooks", "post-receive"))],
  ["has another hook", "was changed; mend: ", ({ path }) => writeFile(join(path, "hooks", "post-receive"), "")],
  ["has a hook that cannot run", "cannot run: ", ({ path }) => chmod(join(path, "hooks", "post-receive"), 0o644)],
  ["runs other hooks", "git runs its hooks from ", (one) => one.git("config", "core.hooksPath", "others")],
])("a watched repository that %s", async (_what, words, change) => {
  const repository = await watchedRepository();
  await change(repository);
  const found = await wrongs();
  expect(found).toEqual([expect.stringContaining(words)]);
  expect(found[0]).toMatch(/^watched till: /);
});

test("a list of watched repositories that cannot be read", async () => {
  openDataFolder(data);
  await writeFile(join(data, "repositories.json"), "[");
  expect(await wrongs()).toEqual([expect.stringMatching(/^watched: .*repositories\.json cannot be read/)]);
});

test("an old Node and an old or missing git are named with what is needed", async () => {
  expect(examineNode("22.1.0")).toMatchObject({ state: "wrong", what: "Node 22.1.0 is too old" });
  expect(await examineGit(Promise.resolve("git version 2.30.9"))).toMatchObject({ state: "wrong" });
  expect(await examineGit(Promise.resolve("git version 2.31.0"))).toMatchObject({ state: "ok" });
  expect(await examineGit(Promise.resolve("git version 3.0"))).toMatchObject({ state: "ok" });
  expect(await examineGit(Promise.reject(new Error("git was not found")))).toMatchObject({
    state: "wrong",
    mend: "install git 2.31 or later, and put it in PATH",
  });
});
