import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createAgent, createApp, createLogger, listen, pushAuthenticator } from "@contextpilot/agent-host";
import { Broker, HttpPush, LocalIssuer, SqliteLog } from "@contextpilot/broker";
import { createRawReceiver, messageOf } from "@contextpilot/messaging";
import { openDatabase } from "@contextpilot/sqlite";
import { resolveTopology } from "@contextpilot/topology";
import fastify, { type FastifyInstance } from "fastify";
import { Agent, request } from "undici";
import { counted, type Benchmark } from "./benchmark.ts";
import { commitOf1KiB } from "./commits.ts";
import { quantiles } from "./figures.ts";
import { interleave } from "./interleave.ts";

const EVENTS = 150;
/** Between two events, so that one never waits for the one before: at random, and never in step with a timer of the house. */
const MEAN_PAUSE_MS = 8;
const IDENTITY = { audience: "https://dashboard.example", serviceAccount: "pusher@example.org" };
const SUBSCRIPTION = "ui-from-git";
const BARE_TABLE = "CREATE TABLE messages (id INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT";

/** How long an event is on its way: from the call of publish, through the log on disk, to the agent that is handed it. */
export const publishToEvents: Benchmark = {
  name: "publish-to-events",
  measures: "publish to /events called, SQLite log (FULL), HTTP push with tokens, at random times",
  run: async (effort) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-")));
    const logger = createLogger({ service: "dashboard", level: "silent" });
    const start = async (app: FastifyInstance): Promise<string> => {
      stack.defer(() => app.close());
      return listen(app, { host: "127.0.0.1", port: 0 });
    };

    const keys = createApp({ service: "issuer", logger });
    keys.get("/.well-known/jwks.json", () => issuer.jwks());
    const issuer = new LocalIssuer({ issuer: await start(keys) });
    const broker = new Broker({
      topology: resolveTopology(),
      log: SqliteLog.open({ file: join(folder.path, "broker.sqlite") }),
    });
    const push = new HttpPush({ tokens: issuer });
    stack.defer(() => push.close());

    let called: (() => void) | undefined;
    const agent = createAgent({
      service: "dashboard",
      logger,
      authenticate: pushAuthenticator({
        mode: "app",
        issuers: [issuer.issuer],
        jwksUrl: `${issuer.issuer}/.well-known/jwks.json`,
        audience: IDENTITY.audience,
        serviceAccounts: [IDENTITY.serviceAccount],
      }),
      receiver: createRawReceiver({
        service: "dashboard",
        publisher: broker,
        take: () => {
          called?.();
          return Promise.resolve();
        },
      }),
    });
    const endpoint = `${await start(agent)}/events`;
    await broker.subscribe(SUBSCRIPTION, push.to({ ...IDENTITY, endpoint, ackDeadlineSeconds: 60 }));
    stack.defer(() => broker.close());

    const bare = fastify({ logger: false });
    bare.post("/events", async (_request, reply) => {
      called?.();
      return reply.code(204).send();
    });
    const bareUrl = `${await start(bare)}/events`;
    const dispatcher = new Agent();
    stack.defer(() => dispatcher.close());
    const database = openDatabase({ file: join(folder.path, "bare.sqlite"), migrations: [BARE_TABLE] });
    stack.defer(() => database.close());
    const insert = database.prepare("INSERT INTO messages (data) VALUES (?)");

    /** How long from `begin` to the call of /events, again and again. */
    const waits = async (begin: () => Promise<unknown>): Promise<readonly number[]> => {
      const measured: number[] = [];
      for (let sent = 0; sent < counted(EVENTS, effort); sent += 1) {
        await pause(-Math.log(1 - Math.random()) * MEAN_PAUSE_MS);
        const { promise: arrival, resolve } = Promise.withResolvers<number>();
        called = () => resolve(performance.now());
        const beganAt = performance.now();
        await begin();
        measured.push((await arrival) - beganAt);
      }
      return measured;
    };
    const rounds = await interleave(effort, {
      published: () => {
        const message = messageOf(commitOf1KiB());
        return waits(() => broker.publish([message]));
      },
      posted: () => {
        const body = JSON.stringify(commitOf1KiB());
        const headers = { "content-type": "application/json" };
        return waits(async () => {
          insert.run(body);
          const answer = await request(bareUrl, { method: "POST", headers, body, dispatcher });
          await answer.body.dump();
        });
      },
    });
    return [
      {
        name: "publish to /events called, p50",
        unit: "ms",
        values: quantiles(rounds.published, 0.5),
        goal: { atMost: 3 },
      },
      { name: "publish to /events called, p95", unit: "ms", values: quantiles(rounds.published, 0.95) },
      {
        name: "a bare INSERT (FULL) and a POST to a bare route, p50",
        unit: "ms",
        values: quantiles(rounds.posted, 0.5),
      },
      {
        name: "a bare INSERT (FULL) and a POST to a bare route, p95",
        unit: "ms",
        values: quantiles(rounds.posted, 0.95),
      },
    ];
  },
};
