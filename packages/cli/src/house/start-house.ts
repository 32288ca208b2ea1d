import { createApp, createLogger, listen, type Logger } from "@contextpilot/agent-host";
import { Broker, HttpPush, LocalIssuer, SqliteLog } from "@contextpilot/broker";
import { SqliteReadModel, createFeed, type AskHandled, type Feed } from "@contextpilot/dashboard";
import type { ReadableRepository } from "@contextpilot/git-agent";
import {
  createRawReceiver,
  readHandled,
  startClock,
  type Publisher,
  type Receiver,
  type Store,
} from "@contextpilot/messaging";
import { SqlitePayloads, SqliteStore } from "@contextpilot/sqlite";
import { resolveTopology, type Service } from "@contextpilot/topology";
import { createWebhook } from "@contextpilot/webhook";
import type { DataFolder } from "./data-folder.ts";
import { WatchedRepositories } from "../watch/watched-repositories.ts";
import { Closing } from "./closing.ts";
import { announceHouse } from "./house-address.ts";
import { LogFile } from "./log-file.ts";
import { openReceivers } from "./open-receivers.ts";
import { openWeb } from "./open-web.ts";
import { runAgent, type Handling } from "./run-agent.ts";
import type { Secrets } from "./secrets.ts";

export interface HouseOptions {
  readonly data: DataFolder;
  readonly secrets: Secrets;
  /** Repositories that the git-agent may read beside the watched ones: the name that pushes give, and the folder. */
  readonly repositories: Readonly<Record<string, string>>;
  /** 0 takes any free port. */
  readonly webhookPort: number;
  /** 0 takes any free port. */
  readonly apiPort: number;
  /** Multiplies the bounds of every retry, which are 10-600 s. */
  readonly retryScale: number;
  /** Whether old events may be said again. Default: true. */
  readonly replayEnabled?: boolean;
  /** Services that are not started: what they would hear waits for a start with them. Default: none. */
  readonly without?: readonly Service[];
}

/** The embedded house while it runs. */
export interface House {
  readonly webhookUrl: string;
  readonly apiUrl: string;
  readonly feed: Feed;
  /** The house's bus, for who has something to say to it from within this process. */
  readonly publisher: Publisher;
  /** Hears how each delivery ended; gives what ends the hearing. */
  onHandling(listener: (handling: Handling) => void): () => void;
  /** Takes nothing new, ends what runs, closes every file. Safe to call again. */
  close(): Promise<void>;
}

/** How long a delivery may still run at the end; what is given up comes again at the next start. */
const GRACE_MS = 1500;

/**
 * Starts everything in this process, on 127.0.0.1 only: the broker, a listener for each agent, the webhook and the web API.
 * What was started is closed again where something cannot start. Throws a StartError or a DatabaseError with the remedy.
 */
export async function startHouse(options: HouseOptions): Promise<House> {
  const closing = new Closing();
  try {
    return await start(options, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function start(
  { data, secrets, repositories, retryScale, replayEnabled = true, without = [], ...ports }: HouseOptions,
  closing: Closing,
): Promise<House> {
  const logs = await LogFile.open(data.logFile);
  closing.add(() => logs.close());
  const logger = (service: string): Logger => createLogger({ service, destination: logs });

  const stores = new Map<Service, Store>();
  const storeOf = (service: Service): Store => {
    const store = SqliteStore.open({ file: data.database(service) });
    closing.add(() => store.close());
    stores.set(service, store);
    return store;
  };
  const askHandled: AskHandled = async (service, events) => {
    const store = stores.get(service);
    return store === undefined ? [] : readHandled(store, service, events);
  };
  const payloads = SqlitePayloads.open({ file: data.database("payloads") });
  closing.add(() => payloads.close());
  const readModel = SqliteReadModel.open({ file: data.database("dashboard") });
  const feed = createFeed({ readModel, payloads, logger: logger("dashboard") });
  closing.add(() => feed.close());
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

  const listeners = new Set<(handling: Handling) => void>();
  const place = {
    broker,
    push,
    issuer: issuer.issuer,
    logger,
    onHandling: (handling: Handling) => {
      for (const listener of listeners) listener(handling);
    },
  };
  const watched = new WatchedRepositories(data.path);
  watched.all(); // what cannot be read is said now, not at the first push
  const repository = (name: string): ReadableRepository | undefined => {
    if (Object.hasOwn(repositories, name)) return { path: repositories[name] ?? "" };
    const found = watched.get(name);
    return found && { path: found.git_folder, tips: found.tips };
  };
  const gitAgent = { repository, authorKey: secrets.author_key };
  const receivers: readonly [Service, Receiver][] = [
    ...openReceivers({ storeOf, publisher: broker, payloads, gitAgent }),
    ["dashboard", createRawReceiver({ service: "dashboard", take: feed.take, publisher: broker })],
  ];
  const running = receivers.filter(([service]) => !without.includes(service));
  const agents = await Promise.all(running.map(([service, receiver]) => runAgent(service, receiver, place)));
  for (const agent of agents) closing.add(() => agent.close());
  // Before the agents' listeners: a push that still runs may end, a new one is not begun.
  closing.add(closeBroker);
  const clock = startClock(broker, { onError: (err) => logger("clock").error({ err }, "a tick was not taken") });
  closing.add(() => clock.stop());

  const people = {
    readModel,
    follow: feed.follow,
    askHandled,
    apiToken: secrets.api_token,
    replayEnabled,
    port: ports.apiPort,
  };
  const apiUrl = await openWeb({ ...people, publisher: broker, logger: logger("dashboard") }, closing);
  const webhook = createWebhook({ secret: secrets.webhook, publisher: broker, logger: logger("webhook") });
  closing.add(() => webhook.close());
  const webhookUrl = await listen(webhook, { host: "127.0.0.1", port: ports.webhookPort, portSetting: "--port" });
  closing.add(announceHouse(data.path, { webhookUrl, apiUrl }));

  return {
    webhookUrl,
    apiUrl,
    feed,
    publisher: broker,
    onHandling: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => closing.close(),
  };
}
