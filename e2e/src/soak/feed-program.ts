import { flushCompileCache } from "node:module";
import {
  agentConfig,
  createAgent,
  createLogger,
  listen,
  pushAuthenticator,
  runProcess,
} from "@contextpilot/agent-host";
import { createFeed, SqliteReadModel } from "@contextpilot/dashboard";
import { createRawReceiver } from "@contextpilot/messaging";
import { told } from "./identities.ts";
import { LoopbackPublisher, type LoopbackBus } from "./loopback-publisher.ts";

/** What the process of the dashboard's feed is told in SOAK_FEED, beside what every agent's process is told. */
export interface FeedTold {
  /** Of its read model. */
  readonly file: string;
  readonly bus: LoopbackBus;
}

/** The dashboard's feed on SQLite as a process of its own, where the house has no such process. */
await runProcess(async () => {
  const { file, bus } = told("SOAK_FEED") as FeedTold;
  const { host, port, push } = agentConfig(process.env);
  const logger = createLogger({ service: "dashboard" });
  const feed = createFeed({ readModel: SqliteReadModel.open({ file }), logger });
  const app = createAgent({
    service: "dashboard",
    logger,
    authenticate: pushAuthenticator(push),
    receiver: createRawReceiver({ service: "dashboard", take: feed.take, publisher: new LoopbackPublisher(bus) }),
  });
  logger.info({ address: await listen(app, { host, port }) }, "listening");
  flushCompileCache(); // a kill would leave nothing for the next start
  return {
    logger,
    close: async () => {
      await app.close();
      await feed.close();
    },
  };
});
