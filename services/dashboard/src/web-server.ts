import { createLogger, listen, openTelemetry, personAuthenticator, runProcess } from "@contextpilot/agent-host";
import { openGoogleCloud } from "@contextpilot/agent-process";
import { behindProxy } from "./access/behind-proxy.ts";
import { thisMachine } from "./access/this-machine.ts";
import { askInboxes } from "./ask-inboxes.ts";
import { webConfig } from "./config.ts";
import { DeadLetterOffice } from "./dead-letters/dead-letter-office.ts";
import { FirestoreReadModel } from "./firestore-read-model.ts";
import { StoreFollower } from "./follow-store.ts";
import { finishLeftovers } from "./leftovers.ts";
import { PacedPublisher } from "./paced-publisher.ts";
import { Replays } from "./replays/replays.ts";
import { createWeb } from "./web.ts";

await runProcess(async () => {
  const { host, port, logLevel, access, tenant, replayEnabled: enabled } = webConfig(process.env);
  const logger = createLogger({ service: "dashboard", level: logLevel });
  const cloud = openGoogleCloud("dashboard", process.env, logger);
  const telemetry = await openTelemetry("dashboard", process.env);
  const readModel = new FirestoreReadModel(cloud.firestore);
  const publisher = new PacedPublisher(telemetry?.tracing.publisher(cloud.publisher) ?? cloud.publisher);
  const office = new DeadLetterOffice({ readModel, decisions: readModel.decisions, publisher, logger });
  const replays = new Replays({ runs: readModel.replayRuns, publisher, enabled });
  const follower = new StoreFollower(readModel, { tenant, logger });
  const web = createWeb({
    readModel,
    logger,
    tenant,
    follow: follower.follow,
    access: access.kind === "proxy" ? behindProxy(personAuthenticator(access), logger) : thisMachine(access),
    operator: { office, replays },
    askHandled: askInboxes(cloud.firestore),
    ready: cloud.ready,
  });
  logger.info({ address: await listen(web, { host, port }) }, "listening");
  const endLeftovers = finishLeftovers(office, logger);
  return {
    logger,
    close: async () => {
      publisher.close(); // a long redrive is a request that the web would wait for
      await web.close();
      await Promise.all([follower.close(), endLeftovers()]);
      await cloud.close();
      await telemetry?.close();
    },
  };
});
