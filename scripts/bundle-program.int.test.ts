import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { BILL_OF_MATERIALS } from "./bill-of-materials.ts";
import { bundleProgram } from "./bundle-program.ts";

const root = resolve(import.meta.dirname, "..");
const program = { name: "context-agent", entry: "services/context-agent/src/server.ts" };
const folder = mkdtempSync(join(tmpdir(), "contextpilot-bundle-"));
const built = join(folder, "built");

beforeAll(() => bundleProgram(program, built, root));
afterAll(() => rmSync(folder, { recursive: true }));

/** By path, what each file holds; without V8's own. */
const hashesOf = (bundle: string): [string, string][] =>
  globSync("**/*", { cwd: bundle, exclude: ["compile-cache"] })
    .filter((path) => statSync(join(bundle, path)).isFile())
    .sort()
    .map((path) => [
      path,
      createHash("sha256")
        .update(readFileSync(join(bundle, path)))
        .digest("hex"),
    ]);

test("the same sources give the same bytes, wherever the bundle stands and whatever was bundled there before", async () => {
  const again = join(folder, "far/from/there/again");
  mkdirSync(again, { recursive: true });
  for (const old of ["compile.js", "old.js"]) writeFileSync(join(again, old), "");
  await bundleProgram(program, again, root);
  expect(hashesOf(again)).toEqual(hashesOf(built));
});

test("a start needs no client of Google Cloud, no tracing, no language but English, and of zod only what it calls", () => {
  const { sources } = JSON.parse(readFileSync(join(built, "program.js.map"), "utf8")) as { sources: string[] };
  expect(sources.some((path) => path.includes("/fastify/"))).toBe(true);
  const notNeeded =
    /@google-cloud|google-gax|@grpc|google-auth-library|@opentelemetry|locales\/(?!en\.)|from-json-schema/;
  expect(sources.filter((path) => notNeeded.test(path))).toEqual([]);
});

test("its bill of materials is CycloneDX, and names what it is made of, nothing of development's, each with its licence", async () => {
  const text = readFileSync(join(built, BILL_OF_MATERIALS), "utf8");
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
  const { components } = JSON.parse(text) as { components: { purl: string; licenses?: unknown }[] };
  const all = components.map(({ purl }) => purl.replace(/@[^@]*$/, ""));
  expect(all).toEqual(expect.arrayContaining(["pkg:npm/fastify", "pkg:npm/%40google-cloud/pubsub", "pkg:npm/zod"]));
  expect(all.filter((purl) => /esbuild|jest|typescript|cyclonedx/.test(purl))).toEqual([]);
  expect(components.filter(({ licenses }) => licenses === undefined)).toEqual([]);
});

test("a moved bundle finds what was compiled, and starts without any node_modules", () => {
  cpSync(built, join(folder, "moved"), { recursive: true });
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(folder, "moved/server.js")], {
    env: { PORT: "none", NODE_DEBUG_NATIVE: "COMPILE_CACHE" },
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^PORT is wrong/m);
  expect(stdout + stderr).toMatch(/moved\/program\.js was accepted/);
});

test("what a start imports of Node does not load its fetch", () => {
  const tell = `process.on("exit", () => console.log(process.moduleLoadList.some((name) => name.includes("undici"))))`;
  const args = ["--import", `data:text/javascript,${encodeURIComponent(tell)}`, join(built, "server.js")];
  expect(spawnSync(process.execPath, args, { env: { PORT: "none" }, encoding: "utf8" }).stdout.trim()).toBe("false");
});

/** What the crash points and the canaries of e2e put into sources as they load them. */
const FAILPOINTS = /crashPoint\(|CRASH_POINT|CRASH_PASS|CANARY/;

test("no failpoint of any test is in a bundle", () => {
  const files = globSync("**/*.{js,map}", { cwd: built, exclude: ["compile-cache"] });
  const program = readFileSync(join(built, "program.js"), "utf8");
  expect(program).toMatch(/AlreadyHandled/); // the code that they are for is there, under its own names
  expect(files.filter((file) => FAILPOINTS.test(readFileSync(join(built, file), "utf8")))).toEqual([]);
});

test("a bundle is run by a user who owns nothing, and writes nowhere", async () => {
  const place = join(folder, "for-nobody");
  cpSync(built, place, { recursive: true });
  copyFileSync(process.execPath, join(place, "node"));
  chmodSync(folder, 0o755);
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const server = spawn(join(place, "node"), [join(place, "server.js")], {
    ...nobody,
    cwd: place,
    env: {
      PORT: "0",
      GCP_PROJECT_ID: "nobodys",
      PUBSUB_EMULATOR_HOST: "127.0.0.1:1",
      FIRESTORE_EMULATOR_HOST: "127.0.0.1:1",
      PUSH_AUDIENCE: "https://context-agent.example",
      PUSH_SERVICE_ACCOUNTS: "pusher@example.com",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  try {
    const [first] = (await once(server.stdout, "data")) as [Buffer];
    const { message, address } = JSON.parse(String(first)) as { readonly message: string; readonly address: string };
    expect([message, (await fetch(`${address}/health/live`)).status]).toEqual(["listening", 200]);
  } finally {
    server.kill("SIGTERM");
  }
  expect(await ended).toEqual([0, null]);
  expect(hashesOf(place).filter(([path]) => path !== "node")).toEqual(hashesOf(built));
});

test("a folder that holds anything else is left as it is", async () => {
  mkdirSync(join(folder, "mine"));
  writeFileSync(join(folder, "mine/letter.txt"), "dear");
  await expect(bundleProgram(program, join(folder, "mine"), root)).rejects.toThrow(/is no bundle/);
  expect(readFileSync(join(folder, "mine/letter.txt"), "utf8")).toBe("dear");
});
