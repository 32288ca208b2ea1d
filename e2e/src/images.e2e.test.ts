import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describeWithEngine, until } from "@contextpilot/testing";
import { Container, docker, type ContainerOptions } from "./images/container.ts";
import { imagedProcesses, type ImagedProcess } from "./images/programs.ts";

const root = resolve(import.meta.dirname, "../..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const run = promisify(execFile);
const BASE = "gcr.io/distroless/nodejs24-debian13:nonroot";
const BUILD_WITHIN_MS = 900_000;
const MEGABYTE = 1e6;
/** git brings its libraries, so its image may be larger. */
const mostBytes = ({ git }: ImagedProcess): number => (git ? 40 : 12) * MEGABYTE;

const tag = `test-${process.pid}`;
const imageOf = (name: string): string => `contextpilot/${name}:${tag}`;
const sizeOf = async (image: string) => Number(await docker("image", "inspect", "--format={{.Size}}", image));
const listening = imagedProcesses.filter(({ listens }) => listens);
const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const images = (...args: readonly string[]) =>
  run(process.execPath, [join(root, "scripts/containers/images.ts"), ...args], { maxBuffer: 50_000_000 });

/** What a container says of its first process, and what it can do. */
const WHO_IT_IS = `
  const { readFileSync, writeFileSync } = require("node:fs");
  const status = readFileSync("/proc/1/status", "utf8");
  const field = (name) => new RegExp("^" + name + ":\\\\s+(\\\\S+)", "m").exec(status)[1];
  const writes = ["/app/server.js", "/app/new", "/new", "/home/nonroot/new"].filter((path) => {
    try { writeFileSync(path, ""); return true; } catch { return false; }
  });
  console.log(JSON.stringify({ user: field("Uid"), group: field("Gid"), capabilities: field("CapEff"), gains: field("NoNewPrivs"), writes }));
`;

/** The programs on its PATH, and in every folder that programs use to be in. */
const PROGRAMS = `
  const { readdirSync } = require("node:fs");
  const folders = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", ...process.env.PATH.split(":")];
  const found = folders.flatMap((folder) => { try { return readdirSync(folder); } catch { return []; } });
  console.log(JSON.stringify([...new Set(found)]));
`;

/** Until it listens it does not answer. */
async function toLive(container: Container): Promise<void> {
  const address = `${await container.address()}/health/live`;
  await until(
    async () => (await fetch(address).catch(() => undefined))?.status === 200,
    () => `an answer of the container at ${address}`,
  );
}

describeWithEngine("an image", () => {
  const started = new Set<Container>();

  beforeAll(() => images("all", "--tag", tag), BUILD_WITHIN_MS);
  afterAll(async () => {
    for (const container of started) await container.remove();
    await docker("rmi", "--force", ...[...imagedProcesses.map(({ name }) => name), "cli"].map(imageOf));
  });

  async function start(name: string, options: ContainerOptions): Promise<Container> {
    const container = await Container.start(imageOf(name), options);
    started.add(container);
    return container;
  }

  test.each(listening)(
    "of $name listens as nobody in particular, writes nothing, has no shell, and ends in time",
    async ({ name, git, environment, memory }) => {
      const container = await start(name, { environment, memory });
      await toLive(container);
      expect(JSON.parse(await container.tell(WHO_IT_IS))).toEqual({
        user: "65532",
        group: "65532",
        capabilities: "0000000000000000",
        gains: "1",
        writes: [],
      });
      expect(JSON.parse(await container.tell(PROGRAMS))).toEqual(git ? ["git"] : []);
      const code = await container.stop();
      const { out, err } = await container.logs();
      // Who had something to say, and here there is nobody to take it, gives that up before it is killed.
      expect({ code, err }).toEqual({ code: out.includes("gave up what still ran") ? 1 : 0, err: "" });
    },
  );

  test.each(imagedProcesses)(
    "of $name that is told nothing says so in one line, and ends with 1",
    async ({ name, refusal }) => {
      const container = await start(name, { environment: { PORT: "none" } });
      expect(await container.ended()).toBe(1);
      const { out, err } = await container.logs();
      expect({ out, lines: err.trim().split("\n") }).toEqual({
        out: "",
        lines: [expect.stringMatching(refusal)],
      });
    },
  );

  test.each(imagedProcesses)("of $name says where it comes from", async ({ name }) => {
    const labels = await docker("image", "inspect", "--format={{json .Config.Labels}}", imageOf(name));
    const { stdout } = await run("git", ["log", "-1", "--format=%H %cI"], { cwd: root });
    const [revision = "", created] = stdout.trim().split(" ");
    expect(JSON.parse(labels)).toMatchObject({
      "org.opencontainers.image.title": name,
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.revision": expect.stringMatching(new RegExp(`^${revision}(-dirty)?$`)),
      "org.opencontainers.image.created": created,
      "org.opencontainers.image.source": expect.any(String),
      "org.opencontainers.image.licenses": "MIT",
    });
  });

  test.each(listening)("of $name says of which packages it is made", async ({ name, environment, memory }) => {
    const container = await start(name, { environment, memory });
    const bill = JSON.parse(
      await container.tell(`console.log(require("fs").readFileSync("/app/sbom.cdx.json", "utf8"))`),
    );
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name, version } } });
    expect(bill.components.map(({ name }: { name: string }) => name)).toContain("fastify");
  });

  test.each(imagedProcesses)("of $name adds little to its base", async (process) => {
    expect((await sizeOf(imageOf(process.name))) - (await sizeOf(BASE))).toBeLessThan(mostBytes(process));
  });

  test("listens on the port that it is told", async () => {
    const { environment } = imagedProcesses.find(({ name }) => name === "webhook") ?? {};
    const container = await start("webhook", { environment: { ...environment, PORT: "9090" }, port: 9090 });
    await expect(toLive(container)).resolves.toBeUndefined();
  });

  test.each(imagedProcesses)("of $name does not look for its time zone when it starts", async ({ name }) => {
    const environment = await docker("image", "inspect", "--format={{json .Config.Env}}", imageOf(name));
    expect(JSON.parse(environment)).toContain("TZ=UTC");
  });

  test("finds what was compiled for its user", async () => {
    const container = await start("webhook", { environment: { PORT: "none", NODE_DEBUG_NATIVE: "COMPILE_CACHE" } });
    await container.ended();
    const { out, err } = await container.logs();
    expect(out + err).toMatch(/app\/program\.js was accepted/);
  });

  test("holds the very bytes that a bundle made here has", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-images-"));
    await run(process.execPath, [join(root, "scripts/bundle.ts"), "webhook", "--out", folder.path]);
    const here = globSync("**/*", { cwd: join(folder.path, "webhook"), exclude: ["compile-cache", "**/*.map"] })
      .filter((path) => statSync(join(folder.path, "webhook", path)).isFile())
      .map((path) => [path, hashOf(readFileSync(join(folder.path, "webhook", path)))] as const);
    const { environment } = imagedProcesses.find(({ name }) => name === "webhook") ?? {};
    const container = await start("webhook", environment === undefined ? {} : { environment });
    const there = await container.tell(`
      const { globSync, readFileSync, statSync } = require("node:fs");
      const files = globSync("**/*", { cwd: "/app", exclude: ["compile-cache"] }).filter((path) => statSync("/app/" + path).isFile());
      const hash = (path) => require("node:crypto").createHash("sha256").update(readFileSync("/app/" + path)).digest("hex");
      console.log(JSON.stringify(files.map((path) => [path, hash(path)])));
    `);
    expect(new Map(JSON.parse(there) as [string, string][])).toEqual(new Map(here));
  });

  test("of the git-agent can run git, and fetch by HTTPS", async () => {
    const { environment, memory } = imagedProcesses.find(({ git }) => git) ?? {};
    const container = await start("git-agent", { environment: environment ?? {}, memory });
    const said = await container.tell(`
      const { spawnSync } = require("node:child_process");
      const git = (...args) => { const { stdout, stderr } = spawnSync("git", args, { encoding: "utf8" }); return stdout + stderr; };
      console.log(git("--version") + git("ls-remote", "https://127.0.0.1:1/shop.git"));
    `);
    expect(said).toMatch(/^git version/);
    expect(said).toMatch(/unable to access 'https:\/\/127\.0\.0\.1:1\/shop\.git\/': .*connect/i);
  });

  test("that does not start is named, with the command that shows why", async () => {
    const check = new URL("../../scripts/containers/build-image.ts", import.meta.url);
    const start = `(await import("${check.href}")).checkStart("${BASE}", /^PORT is wrong/m)`;
    const starting = run(process.execPath, ["--input-type=module", "--eval", start]);
    await expect(starting).rejects.toMatchObject({
      stderr: expect.stringMatching(/nodejs24-debian13:nonroot does not start:[^]*Try it: docker run --rm --read-only/),
    });
  });

  test("of the command line runs its commands", async () => {
    const said = await docker("run", "--read-only", "--cap-drop=ALL", imageOf("cli"), "--version");
    expect(said).toBe(version);
  });
});

test("without an engine, building says what to do", async () => {
  const environment = { PATH: process.env["PATH"], DOCKER_HOST: "unix:///nowhere/docker.sock" };
  const building = run(process.execPath, [join(root, "scripts/containers/images.ts"), "webhook"], { env: environment });
  await expect(building).rejects.toMatchObject({
    code: 1,
    stderr:
      "no container engine answers docker: start it, or run this with one: npm run engine -- npm run images -- webhook\n",
  });
});
