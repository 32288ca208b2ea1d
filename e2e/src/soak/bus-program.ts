import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { createApp, createLogger, listen, runProcess } from "@contextpilot/agent-host";
import { Broker, HttpPush, SqliteLog } from "@contextpilot/broker";
import type { Delivery } from "@contextpilot/messaging";
import { resolveTopology } from "@contextpilot/topology";
import { Ledger } from "../checker/ledger.ts";
import { DEAD_LETTERS } from "../checker/witnesses.ts";
import { PUSHER, audienceOf, told } from "./identities.ts";
import type { EncodedMessage } from "./loopback-publisher.ts";
import { SAID, heardBy, type Roster } from "./roster.ts";

/** What the broker's process is told, in SOAK_BUS. */
export interface BusTold {
  readonly folder: string;
  /** Whoever knows it may publish. */
  readonly secret: string;
  readonly roster: Roster;
  /** By service: where its process listens, and the token to push with. */
  readonly agents: Readonly<Record<string, { readonly address: string; readonly token: string }>>;
}

const RETRY_SCALE = 0.01;

/** The embedded platform's broker as a process of its own. A key whose order is broken is said in a line `{"violation"}`. */
async function start(): ReturnType<Parameters<typeof runProcess>[0]> {
  const { folder, secret, roster, agents } = told("SOAK_BUS") as BusTold;
  const logger = createLogger({ service: "bus" });
  const onError = (err: unknown): void => logger.error({ err }, "failed, and tries again");
  const heard = heardBy(roster);
  const broker = new Broker({
    topology: { topics: resolveTopology().topics, subscriptions: [...heard, SAID, ...DEAD_LETTERS] },
    log: SqliteLog.open({ file: join(folder, "broker.sqlite"), onError }),
    retryScale: RETRY_SCALE,
    onError,
  });
  const push = new HttpPush({ tokens: { token: ({ audience }) => Promise.resolve(tokens.get(audience) ?? "") } });
  const tokens = new Map(Object.entries(agents).map(([service, { token }]) => [audienceOf(service), token]));

  const order = new Ledger();
  for (const { name, service, ordered, ackDeadlineSeconds } of heard) {
    const endpoint = `${agents[service]?.address ?? ""}/events`;
    const deliver = push.to({ endpoint, audience: audienceOf(service), serviceAccount: PUSHER, ackDeadlineSeconds });
    await broker.subscribe(name, async (delivery: Delivery) => {
      if (!ordered) return deliver(delivery);
      order.delivers(name, delivery);
      for (const violation of order.violations.splice(0)) logger.error({ violation }, "order");
      const answer = await deliver(delivery);
      if (answer === "ack") order.acked(name, delivery);
      return answer;
    });
  }

  const app = createApp({ service: "bus", logger });
  app.addHook("onRequest", async ({ headers }, reply) => {
    if (headers.authorization !== `Bearer ${secret}`) return reply.code(401).send();
  });
  app.post<{ Body: readonly EncodedMessage[] }>("/publish", ({ body }) =>
    broker.publish(body.map((message) => ({ ...message, data: Buffer.from(message.data, "base64") }))),
  );
  app.get("/waiting", async () => {
    const counts = await Promise.all(heard.map(({ name }) => broker.countsOf(name)));
    return counts.reduce((sum, { depth }) => sum + depth, 0);
  });
  logger.info({ address: await listen(app, { host: "127.0.0.1", port: 0 }) }, "listening");
  flushCompileCache(); // a kill would leave nothing for the next start
  return {
    logger,
    close: async () => {
      await app.close();
      await broker.close({ graceMs: 1_500 });
      await push.close();
    },
  };
}

if (import.meta.main) await runProcess(start);
