import {
  createLogger,
  listen,
  loggedPublisher,
  type Logger,
  type LogLevels,
  type ReadyChecks,
} from "@contextpilot/agent-host";
import type { LocalIssuer } from "@contextpilot/broker";
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
import type { Service } from "@contextpilot/topology";
import { createWebhook } from "@contextpilot/webhook";
import type { DataFolder } from "./data-folder.ts";
import { WatchedRepositories } from "../watch/watched-repositories.ts";
import { Closing } from "./closing.ts";
import { openEmbedded } from "./embedded-platform.ts";
import { isEnabled } from "./enabled-families.ts";
import { announceHouse } from "./house-address.ts";
import { LogFile } from "./log-file.ts";
import { openReceivers } from "./open-receivers.ts";
import { openWeb } from "./open-web.ts";
import type { OpenPlatform } from "./platform.ts";
import { runAgent, type Handling, type RunningAgent } from "./run-agent.ts";
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
  /** The families of events that are handled; what the others would bring waits on the bus. Default: all. */
  readonly enabledFamilies?: ReadonlySet<string> | undefined;
  /** How much is logged. Default: `info`. */
  readonly logLevels?: LogLevels;
  /** What the house stands on. Default: everything in this process. */
  readonly platform?: OpenPlatform;
}

/** The house while it runs. */
export interface House {
  readonly webhookUrl: string;
  readonly apiUrl: string;
  readonly feed: Feed;
  /** The house's bus, for who has something to say to it from within this process. */
  readonly publisher: Publisher;
  /** Signs the tokens of its pushes. */
  readonly issuer: LocalIssuer;
  /** The private services that were started. */
  readonly agents: ReadonlyMap<Service, RunningAgent>;
  /** Hears how each delivery ended; gives what ends the hearing. */
  onHandling(listener: (handling: Handling) => void): () => void;
  /** Takes nothing new, ends what runs, closes every file. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Starts a house on 127.0.0.1 only: what it stands on, a listener for each agent, the webhook and the web API.
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
  { data, secrets, repositories, retryScale, replayEnabled = true, without = [], ...options }: HouseOptions,
  closing: Closing,
): Promise<House> {
  const logs = await LogFile.open(data.logFile);
  closing.add(() => logs.close());
  const level = options.logLevels ?? "info";
  const logger = (service: string): Logger => createLogger({ service, level, destination: logs });

  const openPlatform = options.platform ?? openEmbedded;
  const platform = await openPlatform({ data, retryScale, logger }, closing);
  const { payloads, subscribers, isBusReady } = platform;
  const publisherOf = (service: string): Publisher =>
    loggedPublisher(platform.publisher, { logger: logger(service), ...(subscribers && { subscribers }) });
  const readModel = SqliteReadModel.open({ file: data.database("dashboard") });
  const feed = createFeed({ readModel, payloads, logger: logger("dashboard") });
  closing.add(() => feed.close());
  const stores = new Map<Service, Store>();
  const storeOf = (service: Service): Store => {
    const store = platform.storeOf(service);
    stores.set(service, store);
    return store;
  };
  const askHandled: AskHandled = async (service, events) => {
    const store = stores.get(service);
    return store === undefined ? [] : readHandled(store, service, events);
  };

  const ready = (service: Service): ReadyChecks => ({
    ...(isBusReady && { bus: isBusReady }),
    store: async () => void (await stores.get(service)?.read([`${service}/ready`])),
  });
  const listeners = new Set<(handling: Handling) => void>();
  const place = {
    platform,
    logger,
    ready,
    hears: (subscription: string) => isEnabled(subscription, options.enabledFamilies),
    onHandling: (handling: Handling) => {
      for (const listener of listeners) listener(handling);
    },
  };
  const watched = new WatchedRepositories(data.path);
  watched.all(); // what cannot be read is said now, not at the first push
  const repository = (name: string): ReadableRepository | undefined => {
    if (Object.hasOwn(repositories, name)) return { path: repositories[name] ?? "" };
    const found = watched.get(name);
    if (found === undefined) return undefined;
    const { git_folder, tips, remote } = found;
    return { path: git_folder, tips, ...(remote === undefined ? {} : { remote }) };
  };
  const names = (): readonly string[] => [...Object.keys(repositories), ...Object.keys(watched.all())];
  const gitAgent = { repository, repositories: names, authorKey: secrets.author_key };
  const receivers: readonly [Service, Receiver][] = [
    ...openReceivers({ storeOf, publisherOf, payloads, gitAgent }),
    ["dashboard", createRawReceiver({ service: "dashboard", take: feed.take, publisher: publisherOf("dashboard") })],
  ];
  const agents = new Map<Service, RunningAgent>();
  await Promise.all(
    receivers.map(async ([service, receiver]) => {
      if (without.includes(service)) return;
      const agent = await runAgent(service, receiver, place);
      closing.add(() => agent.stop());
      agents.set(service, agent);
    }),
  );
  // Before the agents' listeners: a push that still runs may end, a new one is not begun.
  closing.add(() => platform.stop());
  const clock = startClock(publisherOf("clock"), {
    onError: (err) => logger("clock").error({ err }, "a tick was not taken"),
  });
  closing.add(() => clock.stop());

  const people = {
    readModel,
    follow: feed.follow,
    askHandled,
    apiToken: secrets.api_token,
    replayEnabled,
    port: options.apiPort,
  };
  const apiUrl = await openWeb(
    { ...people, publisher: publisherOf("dashboard"), logger: logger("dashboard") },
    closing,
  );
  const webhook = createWebhook({
    secret: secrets.webhook,
    publisher: publisherOf("webhook"),
    logger: logger("webhook"),
  });
  closing.add(() => webhook.close());
  const webhookUrl = await listen(webhook, { host: "127.0.0.1", port: options.webhookPort, portSetting: "--port" });
  closing.add(announceHouse(data.path, { webhookUrl, apiUrl }));

  return {
    webhookUrl,
    apiUrl,
    feed,
    publisher: platform.publisher,
    issuer: platform.issuer,
    agents,
    onHandling: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => closing.close(),
  };
}
