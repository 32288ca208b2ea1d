import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LocalIssuer, encodePushRequest } from "@contextpilot/broker";
import { PubsubSubscriber } from "@contextpilot/pubsub";
import {
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

const serverOf = (service: string): URL => new URL(`../../services/${service}/src/server.ts`, import.meta.url);

/** Its clients are loaded by the first who asks, which may take longer than an answer. */
const ready = (address: string): Promise<void> =>
  until(
    async () => (await fetch(`${address}/health/ready`)).status === 200,
    () => `${address} to be ready`,
  );

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
  async function start(service: string): Promise<{ readonly program: Program; readonly address: string }> {
    const program = runProgram(serverOf(service), [], {
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
      },
    });
    running.add(program);
    const { message, address } = JSON.parse(await program.line()) as { message: string; address: string };
    expect(message).toBe("listening");
    return { program, address };
  }

  test("takes a push once in two lives, says what follows on Pub/Sub, and ends in order", async () => {
    const subscription = `${projectId}-said`;
    await fetch(`http://${pubsub().host}/v1/projects/${projectId}/subscriptions/${subscription}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ topic: `projects/${projectId}/topics/context-updates` }),
    });
    const said: string[] = [];
    await subscriber.subscribe(subscription, async ({ attributes }) => {
      said.push(attributes["event_type"] ?? "");
      return "ack";
    });
    const commit = goodCommit();
    const token = await issuer.token({ audience: AUDIENCE, serviceAccount: ACCOUNT });
    const push = async (address: string, bearer = token): Promise<number> => {
      const place = { messageId: "1", publishTime: new Date().toISOString(), subscription: "context-from-git" };
      const body = encodePushRequest({ ...commit, ...place });
      const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
      return (await fetch(`${address}/events`, { method: "POST", headers, body })).status;
    };

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
});
