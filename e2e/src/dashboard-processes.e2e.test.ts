import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LocalIssuer, encodePushRequest } from "@contextpilot/broker";
import { contextUpdate, createEvent, encodeEnvelope, type Envelope } from "@contextpilot/events";
import { messageOf, type OutgoingMessage } from "@contextpilot/messaging";
import { PubsubSubscriber } from "@contextpilot/pubsub";
import {
  IdentityProxy,
  describeOn,
  firestoreEmulator,
  goodCommit,
  pubsubEmulator,
  startEmulator,
  until,
  type Emulator,
} from "@contextpilot/testing";
import { runProgram, type Program } from "./run-program.ts";

const AUDIENCE = "https://dashboard.example";
const ACCOUNT = "pusher@example.com";
const projectId = "of-the-dashboard";
const entry = (service: string, file: string): URL => new URL(`../../services/${service}/src/${file}`, import.meta.url);

const update = (id: string): Envelope =>
  createEvent(
    contextUpdate({
      repository: "shop",
      branch: "main",
      commit_hash: "b".repeat(40),
      author_id: "ada",
      subject: "Add a cart",
      files_changed: ["src/cart.ts"],
      changes: [],
      files_total: 1,
      lines_added: 30,
      lines_removed: 0,
      impact_score: 4.2,
      change_type: "feat",
      breaking: false,
      is_merge: false,
      origin: "push",
    }),
    { event_id: id, source: "context-agent", timestamp: new Date().toISOString() },
  );

/** Reads what the stream sends until the text is among it. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  for (let read = ""; ;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended after ${read}`);
    read += new TextDecoder().decode(value);
    if (read.includes(text)) return read;
  }
}

test("the web that is not told who may use it does not start, and says so in one line", async () => {
  const program = runProgram(entry("dashboard", "web-server.ts"), [], { environment: { PORT: "0" } });
  expect(await program.ended()).toBe(1);
  expect(program.errors().trim().split("\n")).toEqual([expect.stringMatching(/^IAP_AUDIENCE is not set: set it to/)]);
});

describeOn(pubsubEmulator, "the dashboard's two processes, on Google's emulators", (pubsub) => {
  let firestore: Emulator;
  let issuer: LocalIssuer;
  let keys: Server;
  let proxy: IdentityProxy;
  let subscriber: PubsubSubscriber;
  let feed: string;
  let web: string;
  let agent: string;
  const running: Program[] = [];

  beforeAll(async () => {
    firestore = await startEmulator(firestoreEmulator);
    proxy = await IdentityProxy.start();
    keys = createServer((_request, response) => void issuer.jwks().then((jwks) => response.end(JSON.stringify(jwks))));
    await new Promise<void>((listening) => keys.listen(0, "127.0.0.1", listening));
    issuer = new LocalIssuer({ issuer: `http://127.0.0.1:${(keys.address() as AddressInfo).port}` });
    subscriber = new PubsubSubscriber({ projectId, emulatorHost: pubsub().host });
    const at = `http://${pubsub().host}/v1/projects/${projectId}`;
    for (const topic of ["context-updates", "git-events"]) await fetch(`${at}/topics/${topic}`, { method: "PUT" });
    [feed, web, agent] = await Promise.all([
      start(entry("dashboard", "server.ts")),
      start(entry("dashboard", "web-server.ts")),
      start(entry("context-agent", "server.ts")),
    ]);
  });
  afterAll(async () => {
    for (const program of running) await program.stop("SIGKILL");
    await subscriber.close();
    await proxy.close();
    keys.closeAllConnections();
    await new Promise((closed) => keys.close(closed));
    await firestore.kill("SIGTERM");
  });

  async function start(server: URL): Promise<string> {
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
        IAP_AUDIENCE: proxy.audience,
        IAP_JWKS_URL: proxy.jwksUrl,
      },
    });
    running.push(program);
    const { address } = JSON.parse(await program.line()) as { address: string };
    await until(
      async () => (await fetch(`${address}/health/ready`)).status === 200,
      () => `${address} to be ready`,
      { everyMs: 50 },
    );
    return address;
  }

  async function push(
    address: string,
    subscription: string,
    message: Pick<OutgoingMessage, "data" | "attributes">,
    messageId: string,
  ) {
    const body = encodePushRequest({ ...message, messageId, publishTime: new Date().toISOString(), subscription });
    const bearer = await issuer.token({ audience: AUDIENCE, serviceAccount: ACCOUNT });
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    expect((await fetch(`${address}/events`, { method: "POST", headers, body })).status).toBe(204);
  }

  const asAda = (): Record<string, string> => ({ "x-goog-iap-jwt-assertion": proxy.assertion() });
  const redrive = (id: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${web}/api/dead-letters/redrive`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ ids: [id] }),
    });
  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${web}/api${path}`, { headers: asAda() })).json()) as T;

  test("what the feed hears is shown by the web, with what the agents' inboxes remember of it", async () => {
    const commit = goodCommit();
    const { event_id: id, correlation_id } = JSON.parse(commit.data.toString()) as Partial<Envelope>;
    const chain = correlation_id ?? id;
    await push(feed, "ui-from-git", commit, "1");
    await push(feed, "ui-from-git", commit, "1");
    await push(agent, "context-from-git", commit, "2");

    const shown = await get<{ items: { event: Envelope; handlings: object[] }[] }>(`/chains/${chain}`);
    expect(shown.items.map(({ event }) => event.event_id)).toEqual([id]);
    expect(shown.items[0]?.handlings).toContainEqual(
      expect.objectContaining({ consumer: "context-agent", status: "handled" }),
    );
    expect(shown.items[0]?.handlings).toContainEqual(
      expect.objectContaining({ consumer: "spec-agent", status: "waits" }),
    );
  });

  test("who follows the web is told of what the feed hears, once", async () => {
    const response = await fetch(`${web}/api/events/follow?type=context.update`, { headers: asAda() });
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error("no body");
    await readUntil(reader, ": following\n\n");
    for (const id of ["followed-1", "followed-2"]) {
      await push(feed, "ui-from-context", messageOf(update(id)), id);
      const sent = await readUntil(reader, "\n\n");
      expect(sent.split("\n\n").filter((line) => line !== "")).toHaveLength(1);
      expect(JSON.parse(sent.slice("data: ".length))).toMatchObject({ event: { event_id: id } });
    }
    await reader.cancel();
  });

  test("a dead letter that somebody redrives in the web comes back on Pub/Sub, and who did is on record", async () => {
    await fetch(`http://${pubsub().host}/v1/projects/${projectId}/subscriptions/redriven`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ topic: `projects/${projectId}/topics/context-updates` }),
    });
    const heard: (string | undefined)[] = [];
    await subscriber.subscribe("redriven", async ({ attributes }) => {
      heard.push(attributes["redriven_from"]);
      return "ack";
    });
    const event = update("died");
    const attributes = {
      ...messageOf(event).attributes,
      dead_letter_id: "d1",
      dead_letter_consumer: "coach-agent",
      dead_letter_code: "handler-failed",
      dead_letter_subscription: "coach-from-context",
    };
    const died = { data: encodeEnvelope(event), attributes };
    await push(feed, "ui-from-context-dlq", died, "3");

    expect((await redrive("d1", {})).status).toBe(401);
    expect(heard).toEqual([]);
    expect((await redrive("d1", asAda())).status).toBe(200);
    await until(
      () => heard.length > 0,
      () => "the dead letter to come back",
    );
    expect(heard).toEqual(["d1"]);
    expect(await get("/dead-letters/d1")).toMatchObject({
      state: "redriven",
      decisions: [{ kind: "redrive", by: "ada@example.com", status: "done" }],
    });
  });
  test("both end in order while somebody follows", async () => {
    const response = await fetch(`${web}/api/events/follow`, { headers: asAda() });
    const ends = await Promise.all(running.map((program) => program.stop("SIGTERM")));
    expect(ends).toEqual(running.map(() => 0));
    expect(running.map((program) => program.errors())).toEqual(running.map(() => ""));
    await response.body?.cancel();
  });
});
