import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { LocalIssuer, encodePushRequest } from "@contextpilot/broker";
import { createEvent, gitPush } from "@contextpilot/events";
import { messageOf } from "@contextpilot/messaging";
import { PubsubSubscriber } from "@contextpilot/pubsub";
import {
  GitRepository,
  GitServer,
  describeOn,
  firestoreEmulator,
  goodCommit,
  pubsubEmulator,
  startEmulator,
  until,
  type Emulator,
} from "@contextpilot/testing";
import { runProgram, type Program } from "./run-program.ts";

const AUDIENCE = "https://context-agent.example";
const ACCOUNT = "pusher@example.com";
const projectId = "of-processes";

const BUNDLE = new URL("../../scripts/bundle.ts", import.meta.url);
const serverOf = (service: string): URL => new URL(`../../services/${service}/src/server.ts`, import.meta.url);

interface StartOptions {
  /** Default: the service's own. */
  readonly server?: URL;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Its clients are loaded by the first who asks, which may take longer than an answer. */
const ready = (address: string): Promise<void> =>
  until(
    async () => (await fetch(`${address}/health/ready`)).status === 200,
    () => `${address} to be ready`,
  );

/** The first push to a repository's main branch. */
function pushOf(repository: string, after: string) {
  const data = { repository, ref: "refs/heads/main", before: "0".repeat(40), after, forced: false };
  return createEvent(gitPush(data, { key: [after] }), { source: "webhook", timestamp: new Date().toISOString() });
}

/** Pushes a message as the bus does; gives the status. */
async function pushTo(
  address: string,
  bearer: string,
  subscription: string,
  message: ReturnType<typeof goodCommit>,
): Promise<number> {
  const place = { messageId: "1", publishTime: new Date().toISOString(), subscription };
  const body = encodePushRequest({ ...message, ...place });
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  return (await fetch(`${address}/events`, { method: "POST", headers, body })).status;
}

test("a process that is not told enough says all that is missing, in one line, and ends with 1", async () => {
  const program = runProgram(serverOf("context-agent"), [], { environment: { PORT: "x" } });
  expect(await program.ended()).toBe(1);
  const errors = program.errors();
  expect(errors.trim().split("\n")).toHaveLength(1);
  for (const name of ["PORT", "PUSH_AUDIENCE", "PUSH_SERVICE_ACCOUNTS"]) expect(errors).toContain(name);
});

describeOn(pubsubEmulator, "an agent's process, on Google's emulators", (pubsub) => {
  let firestore: Emulator;
  let issuer: LocalIssuer;
  let keys: Server;
  const running = new Set<Program>();
  let subscriber: PubsubSubscriber;

  beforeAll(async () => {
    subscriber = new PubsubSubscriber({ projectId, emulatorHost: pubsub().host });
    firestore = await startEmulator(firestoreEmulator);
    keys = createServer((_request, response) => void issuer.jwks().then((jwks) => response.end(JSON.stringify(jwks))));
    await new Promise<void>((listening) => keys.listen(0, "127.0.0.1", listening));
    issuer = new LocalIssuer({ issuer: `http://127.0.0.1:${(keys.address() as AddressInfo).port}` });
    const at = `http://${pubsub().host}/v1/projects/${projectId}`;
    for (const topic of ["context-updates", "git-events"]) await fetch(`${at}/topics/${topic}`, { method: "PUT" });
  });
  afterAll(async () => {
    for (const program of running) await program.stop("SIGKILL");
    await subscriber.close();
    keys.closeAllConnections();
    await new Promise((closed) => keys.close(closed));
    await firestore.kill("SIGTERM");
  });

  /** Starts the service, and gives where it listens once it does. */
  async function start(
    service: string,
    { server = serverOf(service), environment = {} }: StartOptions = {},
  ): Promise<{ readonly program: Program; readonly address: string }> {
    const program = runProgram(server, [], {
      environment: {
        PORT: "0",
        GCP_PROJECT_ID: projectId,
        PUBSUB_EMULATOR_HOST: pubsub().host,
        FIRESTORE_EMULATOR_HOST: firestore.host,
        PUSH_AUDIENCE: AUDIENCE,
        PUSH_SERVICE_ACCOUNTS: ACCOUNT,
        PUSH_ISSUER: issuer.issuer,
        PUSH_JWKS_URL: issuer.issuer,
        WEBHOOK_SECRET: "a secret of the test's own",
        ...environment,
      },
    });
    running.add(program);
    const { message, address } = JSON.parse(await program.line()) as { message: string; address: string };
    expect(message).toBe("listening");
    return { program, address };
  }

  /** What is said on a topic from now on: the event types. Every listener hears all, so each has a subscription of its own. */
  async function listenTo(topic: string): Promise<readonly string[]> {
    const subscription = `${topic}-said-${randomUUID()}`;
    await fetch(`http://${pubsub().host}/v1/projects/${projectId}/subscriptions/${subscription}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ topic: `projects/${projectId}/topics/${topic}` }),
    });
    const said: string[] = [];
    await subscriber.subscribe(subscription, async ({ attributes }) => {
      said.push(attributes["event_type"] ?? "");
      return "ack";
    });
    return said;
  }

  test("takes a push once in two lives, says what follows on Pub/Sub, and ends in order", async () => {
    const said = await listenTo("context-updates");
    const commit = goodCommit();
    const token = await issuer.token({ audience: AUDIENCE, serviceAccount: ACCOUNT });
    const push = (address: string, bearer = token) => pushTo(address, bearer, "context-from-git", commit);

    const first = await start("context-agent");
    await ready(first.address);
    expect(await push(first.address, "e30.e30.e30")).toBe(401);
    expect(await push(first.address)).toBe(204);
    expect(await first.program.stop("SIGTERM")).toBe(0);
    expect(first.program.errors()).toBe("");

    const second = await start("context-agent");
    expect(await push(second.address)).toBe(204);
    await until(
      () => said.length > 0,
      () => "what the agent said",
    );
    const handled = second.program.lines.map((line) => JSON.parse(line) as { outcome?: string; duplicate?: boolean });
    expect(handled.find(({ outcome }) => outcome === "handled")).toMatchObject({ duplicate: true });
    expect(await second.program.stop("SIGTERM")).toBe(0);
    expect(new Set(said)).toEqual(new Set(["context.update.v1"]));
  });

  test("the webhook's process is ready when the bus can be reached", async () => {
    const { program, address } = await start("webhook");
    await ready(address);
    expect((await fetch(`${address}/events`, { method: "POST" })).status).toBe(404);
    expect(await program.stop("SIGTERM")).toBe(0);
  });

  test("bundled, the git-agent's process reads a push from its folder, and says the commit on Pub/Sub", async () => {
    const folder = await mkdtemp(join(tmpdir(), "contextpilot-bundled-"));
    try {
      await promisify(execFile)(process.execPath, [fileURLToPath(BUNDLE), "git-agent", "--out", folder]);
      const repository = await GitRepository.create(join(folder, "repositories/shop.git"));
      const after = await repository.commit({ changes: [{ path: "a", content: "a\n" }] });
      const pushed = pushOf("shop", after);
      const said = await listenTo("git-events");

      const { program, address } = await start("git-agent", {
        server: pathToFileURL(join(folder, "git-agent/server.js")),
        environment: { GIT_FOLDER: join(folder, "repositories"), AUTHOR_KEY: "a key of the test's own" },
      });
      await ready(address);
      const token = await issuer.token({ audience: AUDIENCE, serviceAccount: ACCOUNT });
      expect(await pushTo(address, token, "git-from-push", messageOf(pushed))).toBe(204);
      await until(
        () => said.length > 0,
        () => "what the agent said",
      );
      expect(await program.stop("SIGTERM")).toBe(0);
      expect(program.errors()).toBe("");
      expect(said).toEqual(["git.commit.v1"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("told of a server of repositories, the git-agent's process fetches a push, and its token is in no line that it logs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "contextpilot-fetching-"));
    const token = "sesame-open-31c8";
    const server = await GitServer.start(join(folder, "served"), { credentials: `x-access-token:${token}` });
    try {
      const repository = await GitRepository.create(join(folder, "served/acme/shop.git"));
      const after = await repository.commit({ changes: [{ path: "a", content: "a\n" }] });
      const said = await listenTo("git-events");
      const { program, address } = await start("git-agent", {
        environment: {
          GIT_FOLDER: folder,
          GIT_URL: `${server.url}/{repository}.git`,
          GIT_REPOSITORIES: "acme/shop",
          GIT_TOKEN: token,
          AUTHOR_KEY: "a key of the test's own",
          LOG_LEVEL: "trace",
        },
      });
      await ready(address);
      const bearer = await issuer.token({ audience: AUDIENCE, serviceAccount: ACCOUNT });
      expect(await pushTo(address, bearer, "git-from-push", messageOf(pushOf("acme/shop", after)))).toBe(204);
      await until(
        () => said.length > 0,
        () => "what the agent said",
      );
      server.answer = () => ({ status: 403, body: token, headers: { "content-type": "text/plain" } });
      const later = messageOf(pushOf("acme/shop", "1".repeat(40)));
      expect(await pushTo(address, bearer, "git-from-push", later)).toBe(503);
      expect(await program.stop("SIGTERM")).toBe(0);
      expect(program.lines.join("\n")).toContain("GIT_TOKEN may read it");
      expect(program.lines.join("\n") + program.errors()).not.toContain(token);
    } finally {
      await server.close();
      await rm(folder, { recursive: true });
    }
  });
});
