import { createApp, listen } from "@contextpilot/agent-host";
import { Broker, HttpPush, LocalIssuer, SqliteLog } from "@contextpilot/broker";
import { SqlitePayloads, SqliteStore } from "@contextpilot/sqlite";
import { resolveTopology } from "@contextpilot/topology";
import type { OpenPlatform } from "./platform.ts";

/** How long a delivery may still run at the end; what is given up comes again at the next start. */
const GRACE_MS = 1500;

/** Everything in this process: our broker, and a SQLite file for it and for each service. Rejects with a DatabaseError. */
export const openEmbedded: OpenPlatform = async ({ data, retryScale, logger }, closing) => {
  const onError = (err: unknown): void => logger("broker").error({ err }, "failed, and tries again");
  const broker = new Broker({
    topology: resolveTopology(),
    log: SqliteLog.open({ file: data.database("broker"), onError }),
    retryScale,
    onError,
  });
  const closeBroker = (): Promise<void> => broker.close({ graceMs: GRACE_MS });
  closing.add(closeBroker);

  const issuerApp = createApp({ service: "issuer", logger: logger("issuer") });
  closing.add(() => issuerApp.close());
  issuerApp.get("/.well-known/jwks.json", () => issuer.jwks());
  const issuer = new LocalIssuer({ issuer: await listen(issuerApp, { host: "127.0.0.1", port: 0 }) });
  const push = new HttpPush({
    tokens: issuer,
    onNack: ({ subscription, messageId, deliveryAttempt }, why) =>
      logger("broker").warn({ subscription, message_id: messageId, attempt: deliveryAttempt, why }, "push not acked"),
  });
  closing.add(() => push.close());
  const payloads = SqlitePayloads.open({ file: data.database("payloads") });
  closing.add(() => payloads.close());

  return {
    publisher: broker,
    payloads,
    isBusReady: () => !broker.isClosed,
    subscribers: (message) => broker.recipientsOf(message),
    issuer,
    storeOf: (service) => {
      const store = SqliteStore.open({ file: data.database(service) });
      closing.add(() => store.close());
      return store;
    },
    push: async (subscription, target) => {
      await broker.subscribe(subscription, push.to(target));
    },
    stop: closeBroker,
  };
};
