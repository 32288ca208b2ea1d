import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAgent, createLogger, listen, pushAuthenticator } from "@contextpilot/agent-host";
import { createReceiver, messageOf, tickOf } from "@contextpilot/messaging";
import { openEmulatorsPair } from "./emulators-pair.ts";
import { COMMITS, HEARD, agentsOf } from "./scene.ts";
import { openSqlitePair } from "./sqlite-pair.ts";

/**
 * A small house with real HTTP pushes, to be killed: `node crash-house.ts <folder> <minutes that the clock is ahead> [<emulators>]`, over SQLite in the folder
 * where no emulators are named. Says what is to be said, until the bus has taken it; works until nothing waits; wakes what is due; ends with 0. What
 * is left is in the folder, or in the emulators.
 */
const [, , folder = "", ahead = "0", emulators] = process.argv;
const actMs = Number(process.env["ACT_MS"] ?? 0);
const clock = { now: () => new Date(Date.now() + Number(ahead) * 60_000) };
const serviceAccount = "pusher@example.org";
const logger = createLogger({ service: "crash-house", level: "error" });

const pair = emulators === undefined ? await openSqlitePair(folder, clock) : openEmulatorsPair(emulators, clock);
const { publisher, payloads, issuer } = pair;
const agents: { close(): Promise<unknown> }[] = [];

for (const [service, handlers] of Object.entries(agentsOf(actMs))) {
  const audience = `https://${service}.example.org`;
  const agent = createAgent({
    service,
    logger,
    receiver: createReceiver({ service, handlers, store: pair.storeOf(service), publisher, payloads, clock }),
    authenticate: pushAuthenticator({
      mode: "app",
      issuers: [issuer],
      jwksUrl: `${issuer}/.well-known/jwks.json`,
      audience,
      serviceAccounts: [serviceAccount],
    }),
  });
  const endpoint = `${await listen(agent, { host: "127.0.0.1", port: 0 })}/events`;
  agents.push(agent);
  for (const { name, service: heardBy, ackDeadlineSeconds } of HEARD) {
    if (heardBy === service) await pair.push(name, { endpoint, audience, serviceAccount, ackDeadlineSeconds });
  }
}

const accepted = join(folder, "accepted");
if (!existsSync(accepted)) {
  await publisher.publish(COMMITS.map((event) => messageOf(event)));
  writeFileSync(accepted, "");
}
await pair.whenIdle();
await publisher.publish([messageOf(tickOf(clock.now()))]);
await pair.whenIdle();
for (const agent of agents) await agent.close();
await pair.close();
