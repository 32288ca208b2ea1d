import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAgent, createApp, createLogger, listen, pushAuthenticator } from "@contextpilot/agent-host";
import { Broker, HttpPush, LocalIssuer, SqliteLog } from "@contextpilot/broker";
import { createReceiver, messageOf, tickOf } from "@contextpilot/messaging";
import { SqlitePayloads, SqliteStore } from "@contextpilot/sqlite";
import { COMMITS, HEARD, TOPOLOGY, agentsOf } from "./scene.ts";

/**
 * A small house over SQLite and real HTTP pushes, to be killed: `node crash-house.ts <folder> <minutes that the clock is ahead>`. Says what is to be said, until
 * the bus has taken it; works until nothing waits; wakes what is due; ends with 0. What is left is in the folder.
 */
const [, , folder = "", ahead = "0"] = process.argv;
const actMs = Number(process.env["ACT_MS"] ?? 0);
const clock = { now: () => new Date(Date.now() + Number(ahead) * 60_000) };
const serviceAccount = "pusher@example.org";
const logger = createLogger({ service: "crash-house", level: "error" });

const broker = new Broker({
  topology: TOPOLOGY,
  log: SqliteLog.open({ file: join(folder, "broker.sqlite") }),
  clock,
  retryScale: 0.001,
});
const issuerApp = createApp({ service: "issuer", logger });
issuerApp.get("/.well-known/jwks.json", () => issuer.jwks());
const issuer = new LocalIssuer({ issuer: await listen(issuerApp, { host: "127.0.0.1", port: 0 }) });
const push = new HttpPush({ tokens: issuer });
const payloads = SqlitePayloads.open({ file: join(folder, "payloads.sqlite") });
const running: { close(): Promise<void> }[] = [broker, push, issuerApp, payloads];

for (const [service, handlers] of Object.entries(agentsOf(actMs))) {
  const store = SqliteStore.open({ file: join(folder, `${service}.sqlite`), clock });
  const audience = `https://${service}.example.org`;
  const agent = createAgent({
    service,
    logger,
    receiver: createReceiver({ service, handlers, store, publisher: broker, payloads, clock }),
    authenticate: pushAuthenticator({
      mode: "app",
      issuers: [issuer.issuer],
      jwksUrl: `${issuer.issuer}/.well-known/jwks.json`,
      audience,
      serviceAccounts: [serviceAccount],
    }),
  });
  const endpoint = `${await listen(agent, { host: "127.0.0.1", port: 0 })}/events`;
  for (const { name, service: heardBy, ackDeadlineSeconds } of HEARD) {
    if (heardBy !== service) continue;
    await broker.subscribe(name, push.to({ endpoint, audience, serviceAccount, ackDeadlineSeconds }));
  }
  running.push({ close: () => agent.close() }, store);
}

const accepted = join(folder, "accepted");
if (!existsSync(accepted)) {
  await broker.publish(COMMITS.map((event) => messageOf(event)));
  writeFileSync(accepted, "");
}
await broker.whenIdle();
await broker.publish([messageOf(tickOf(clock.now()))]);
await broker.whenIdle();
for (const part of running) await part.close();
