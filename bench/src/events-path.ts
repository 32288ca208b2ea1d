import { createWriteStream } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgent, createApp, createLogger, listen, pushAuthenticator, type Logger } from "@contextpilot/agent-host";
import { encodePushRequest, LocalIssuer } from "@contextpilot/broker";
import { createReceiver, MemoryStore, type Store } from "@contextpilot/messaging";
import { SqliteStore } from "@contextpilot/sqlite";
import { RecordingPublisher } from "@contextpilot/testing";
import fastify, { type FastifyInstance } from "fastify";
import { counted, type Benchmark } from "./benchmark.ts";
import { deliveriesOf1KiB } from "./commits.ts";
import { countingHandlers } from "./counting-handler.ts";
import { ratios } from "./figures.ts";
import { interleave } from "./interleave.ts";
import { HttpLoad } from "./load/http-load.ts";

const REQUESTS = 10_000;
const IDENTITY = { audience: "https://context-agent.example", serviceAccount: "pusher@example.org" };

interface Served {
  readonly perSecond: number;
  /** By the time that the serving thread had a processor: what others take of the machine is not in it. */
  readonly perCpuSecond: number;
}

/** The whole of `/events`, each event a new one, beside a route that takes the same body and does nothing with it. */
export const eventsPath: Benchmark = {
  name: "events-path",
  measures: "POST /events, 1 KiB event, token, strict reading, a decide handler with state, commit, log line",
  run: async (effort) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-")));
    const logs = createWriteStream(join(folder.path, "agent.log"));
    stack.defer(() => new Promise<void>((resolve) => logs.end(() => resolve())));
    const logger = createLogger({ service: "context-agent", destination: logs });

    const start = async (app: FastifyInstance): Promise<string> => {
      stack.defer(() => app.close());
      return listen(app, { host: "127.0.0.1", port: 0 });
    };
    const keys = createApp({ service: "issuer", logger });
    keys.get("/.well-known/jwks.json", () => issuer.jwks());
    const issuer = new LocalIssuer({ issuer: await start(keys) });
    const agent = (store: Store): FastifyInstance => agentOf(store, issuer.issuer, logger);

    const sqlite = SqliteStore.open({ file: join(folder.path, "context-agent.sqlite") });
    stack.defer(() => sqlite.close());
    const urls = {
      bare: await start(bareRoute()),
      memory: await start(agent(new MemoryStore())),
      sqlite: await start(agent(sqlite)),
    };
    const load = stack.use(new HttpLoad());
    const authorization = `Bearer ${await issuer.token(IDENTITY)}`;
    const count = counted(REQUESTS, effort);
    const post = (url: string) => async (): Promise<Served> => {
      const bodies = deliveriesOf1KiB(count).map(encodePushRequest);
      const before = process.threadCpuUsage();
      const perSecond = await load.post({ url: `${url}/events`, authorization, bodies });
      const { user, system } = process.threadCpuUsage(before);
      return { perSecond, perCpuSecond: (count * 1e6) / (user + system) };
    };

    const served = await interleave(effort, {
      bare: post(urls.bare),
      memory: post(urls.memory),
      sqlite: post(urls.sqlite),
    });
    const rates = (of: keyof typeof urls): readonly number[] => served[of].map(({ perSecond }) => perSecond);
    const cpu = (of: keyof typeof urls): readonly number[] => served[of].map(({ perCpuSecond }) => perCpuSecond);
    return [
      {
        name: "memory store, of a bare Fastify route",
        unit: "x",
        values: ratios(rates("memory"), rates("bare")),
        goal: { atLeast: 0.35, aim: 0.5 },
      },
      {
        name: "SQLite store (FULL), of a bare Fastify route",
        unit: "x",
        values: ratios(rates("sqlite"), rates("bare")),
        goal: { atLeast: 0.15, aim: 0.25 },
      },
      { name: "memory store, by processor time of the thread", unit: "x", values: ratios(cpu("memory"), cpu("bare")) },
      { name: "SQLite store, by processor time of the thread", unit: "x", values: ratios(cpu("sqlite"), cpu("bare")) },
      { name: "bare Fastify route", unit: "/s", values: rates("bare") },
      { name: "memory store", unit: "/s", values: rates("memory") },
      { name: "SQLite store (FULL)", unit: "/s", values: rates("sqlite") },
    ];
  },
};

function agentOf(store: Store, issuer: string, logger: Logger): FastifyInstance {
  return createAgent({
    service: "context-agent",
    logger,
    authenticate: pushAuthenticator({
      mode: "app",
      issuers: [issuer],
      jwksUrl: `${issuer}/.well-known/jwks.json`,
      audience: IDENTITY.audience,
      serviceAccounts: [IDENTITY.serviceAccount],
    }),
    receiver: createReceiver({
      service: "context-agent",
      handlers: countingHandlers,
      store,
      publisher: new RecordingPublisher(),
    }),
  });
}

/** As little as a Fastify route can do with the same body: take it whole and parse it. */
function bareRoute(): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 16 * 1024 * 1024 });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, JSON.parse(body.toString()));
  });
  app.post("/events", async (_request, reply) => reply.code(204).send());
  return app;
}
