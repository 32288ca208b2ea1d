import { join } from "node:path";
import { createApp, createLogger, listen } from "@contextpilot/agent-host";
import { Broker, HttpPush, LocalIssuer, SqliteLog } from "@contextpilot/broker";
import type { Clock } from "@contextpilot/messaging";
import { SqlitePayloads, SqliteStore } from "@contextpilot/sqlite";
import type { CrashPair } from "./crash-pair.ts";
import { TOPOLOGY } from "./scene.ts";

/** Our broker over its log, and a store for each service: files of the folder, and all of it in this process. */
export async function openSqlitePair(folder: string, clock: Clock): Promise<CrashPair> {
  const log = SqliteLog.open({ file: join(folder, "broker.sqlite") });
  const broker = new Broker({ topology: TOPOLOGY, log, clock, retryScale: 0.001 });
  const issuerApp = createApp({ service: "issuer", logger: createLogger({ service: "issuer", level: "error" }) });
  issuerApp.get("/.well-known/jwks.json", () => issuer.jwks());
  const issuer = new LocalIssuer({ issuer: await listen(issuerApp, { host: "127.0.0.1", port: 0 }) });
  const push = new HttpPush({ tokens: issuer });
  const payloads = SqlitePayloads.open({ file: join(folder, "payloads.sqlite") });
  const stores: SqliteStore[] = [];
  return {
    publisher: broker,
    payloads,
    issuer: issuer.issuer,
    storeOf: (service) => {
      const store = SqliteStore.open({ file: join(folder, `${service}.sqlite`), clock });
      stores.push(store);
      return store;
    },
    push: async (subscription, target) => void (await broker.subscribe(subscription, push.to(target))),
    whenIdle: () => broker.whenIdle(),
    close: async () => {
      for (const part of [broker, push, issuerApp, payloads, ...stores]) await part.close();
    },
  };
}
