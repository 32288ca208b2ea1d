import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, listen } from "@contextpilot/agent-host";
import { LocalIssuer, type PushTarget } from "@contextpilot/broker";
import { PubsubProject } from "@contextpilot/pubsub";
import { createPushProxy } from "@contextpilot/push-proxy";
import {
  GitRepository,
  describeOn,
  firestoreEmulator,
  pubsubEmulator,
  startEmulator,
  until,
  type Emulator,
} from "@contextpilot/testing";
import { runContextpilot, type Ended } from "./run-contextpilot.ts";
import { runProgram, type Program } from "./run-program.ts";

const AUDIENCE = "https://house.example";
const ACCOUNT = "pusher@example.com";
const project = "of-the-smoke";
const SERVICES = ["git-agent", "context-agent", "coach-agent", "dashboard"] as const;

interface Report {
  readonly ok: boolean;
  readonly tenant: string;
  readonly publish_to_nudge_ms: number | null;
  readonly checks: readonly { readonly check: string; readonly state: string; readonly what: string }[];
}

const wrongIn = ({ checks }: Report) => checks.filter(({ state }) => state === "wrong").map(({ what }) => what);

test.each([[["smoke"]], [["smoke", "--project", "p", "--timeout", "x"]], [["topology", "check"]]])(
  "a wrong option is exit code 2: contextpilot %j",
  async (args) => {
    expect(await runContextpilot(args)).toMatchObject({ code: 2, out: "" });
  },
);

test("who cannot sign in to Google Cloud is told so, as one of the checks", async () => {
  const environment = { GOOGLE_APPLICATION_CREDENTIALS: "/nowhere/credentials.json" };
  const { out, code } = await runContextpilot(["smoke", "--project", "p", "--json"], environment);
  expect(code).toBe(1);
  expect(wrongIn(JSON.parse(out) as Report)[0]).toContain("/nowhere/credentials.json");
});

describeOn(pubsubEmulator, "contextpilot smoke, of the agents' processes on Google's emulators,", (pubsub) => {
  let folder: string;
  let firestore: Emulator;
  let issuer: LocalIssuer;
  let proxy: ReturnType<typeof createPushProxy>;
  const targets = new Map<string, PushTarget>();
  const running = new Map<string, Program>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "contextpilot-smoke-"));
    firestore = await startEmulator(firestoreEmulator);
    proxy = createPushProxy({
      targetOf: ({ service }) => targets.get(service),
      issuer: () => issuer,
      logger: createLogger({ service: "push-proxy", level: "silent" }),
    });
    const address = await listen(proxy, { host: "127.0.0.1", port: 0 });
    issuer = new LocalIssuer({ issuer: address });
    const { code, err } = await contextpilot("topology", "apply", "--push-endpoint", `${address}/push/{subscription}`);
    if (code !== 0) throw new Error(err);
    await Promise.all(SERVICES.map((service) => start(service)));
  });
  afterAll(async () => {
    for (const program of running.values()) await program.stop("SIGKILL");
    await proxy.close();
    await firestore.kill("SIGTERM");
    await rm(folder, { recursive: true });
  });

  async function start(service: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const program = runProgram(new URL(`../../services/${service}/src/server.ts`, import.meta.url), [], {
      environment: {
        ...emulators(),
        PORT: "0",
        GCP_PROJECT_ID: project,
        PUSH_AUDIENCE: AUDIENCE,
        PUSH_SERVICE_ACCOUNTS: ACCOUNT,
        PUSH_ISSUER: issuer.issuer,
        PUSH_JWKS_URL: `${issuer.issuer}/.well-known/jwks.json`,
        GIT_FOLDER: folder,
        AUTHOR_KEY: "a key of the test's own",
        ...environment,
      },
    });
    running.set(service, program);
    const { address } = JSON.parse(await program.line()) as { address: string };
    await until(
      async () => (await fetch(`${address}/health/ready`)).status === 200,
      () => `${service} to be ready`,
      { withinMs: 20_000, everyMs: 50 },
    );
    targets.set(service, {
      endpoint: `${address}/events`,
      audience: AUDIENCE,
      serviceAccount: ACCOUNT,
      ackDeadlineSeconds: 60,
    });
  }

  const emulators = () => ({ PUBSUB_EMULATOR_HOST: pubsub().host, FIRESTORE_EMULATOR_HOST: firestore.host });
  const contextpilot = (...args: readonly string[]): Promise<Ended> =>
    runContextpilot([...args, "--project", project], emulators());
  async function smoke(...args: readonly string[]): Promise<Report & { readonly code: unknown }> {
    const { out, code, err } = await contextpilot("smoke", "--json", ...args);
    expect(err).toBe("");
    return { ...(JSON.parse(out) as Report), code };
  }

  test("a house that is well gets each made-up commit to its nudge, in a tenant of its own", async () => {
    for (let run = 0; run < 2; run += 1) {
      const report = await smoke();
      expect(wrongIn(report)).toEqual([]);
      expect(report).toMatchObject({ code: 0, ok: true, tenant: "smoke", publish_to_nudge_ms: expect.any(Number) });
    }
  });

  test("a push is fetched by the git-agent, as often as it is said", async () => {
    const repository = await GitRepository.create(join(folder, "acme/shop.git"));
    const content = Array.from({ length: 60 }, (_, line) => `export const value${line} = ${line};\n`).join("");
    const before = await repository.commit({ changes: [{ path: "README.md", content: "A shop\n" }] });
    const after = await repository.commit({ changes: [{ path: "src/cart.ts", content }] });
    for (let run = 0; run < 2; run += 1) {
      const report = await smoke("--repository", "acme/shop", "--before", before, "--after", after);
      expect(wrongIn(report)).toEqual([]);
      expect(report).toMatchObject({ code: 0, tenant: expect.stringMatching(/^smoke-/) });
    }
  });

  test("a nudge that takes longer than it may is wrong, and said", async () => {
    const report = await smoke("--within", "0.001");
    expect(report).toMatchObject({ code: 1, ok: false });
    expect(wrongIn(report)).toEqual([expect.stringMatching(/^publish to nudge took .* at most 0.001 s/)]);
  });

  test("where an agent takes one tenant's events alone, that tenant's commit gets to its nudge, and no other's", async () => {
    await running.get("context-agent")?.stop("SIGTERM");
    await start("context-agent", { TENANT_ID: "acme" });
    const own = await smoke("--tenant", "acme");
    expect(wrongIn(own)).toEqual([]);
    expect(own).toMatchObject({ code: 0, tenant: "acme" });
    expect(wrongIn(await smoke("--timeout", "3"))).toEqual([expect.stringContaining("it stopped at context-agent")]);
    await running.get("context-agent")?.stop("SIGTERM");
    await start("context-agent");
  });

  test("an agent that is down is named, and so is a subscription that is gone", async () => {
    await running.get("coach-agent")?.stop("SIGTERM");
    const stopped = await smoke("--timeout", "5");
    expect(stopped).toMatchObject({ code: 1, publish_to_nudge_ms: null });
    expect(wrongIn(stopped)).toEqual([
      expect.stringContaining("it stopped at coach-agent: there is no coach.nudge.v1"),
    ]);

    const there = new PubsubProject({ projectId: project, emulatorHost: pubsub().host });
    await there.take({ kind: "delete", resource: "subscription", name: "context-from-git" });
    await there.close();
    const missing = await smoke("--timeout", "3");
    expect(wrongIn(missing)).toEqual([
      "context-from-git is missing",
      expect.stringContaining("it stopped at context-agent: there is no context.update.v1"),
    ]);
  });
});
