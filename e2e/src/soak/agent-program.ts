import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  agentConfig,
  createAgent,
  createLogger,
  listen,
  pushAuthenticator,
  runProcess,
  type Running,
} from "@contextpilot/agent-host";
import { handlers as coach } from "@contextpilot/coach-agent";
import { handlers as context } from "@contextpilot/context-agent";
import { FirestoreConnection, FirestoreStore } from "@contextpilot/firestore";
import { gitAgentConfig, handlers as git } from "@contextpilot/git-agent";
import { createReceiver, type Handler, type Publisher, type Store } from "@contextpilot/messaging";
import { PubsubPublisher } from "@contextpilot/pubsub";
import { handlers as spec } from "@contextpilot/spec-agent";
import { SqliteStore } from "@contextpilot/sqlite";
import { handlers as strategy } from "@contextpilot/strategy-agent";
import { WITNESSES, type Stay, type WorkInWorld } from "../checker/witnesses.ts";
import type { Act } from "./acts.ts";
import { told } from "./identities.ts";
import { LoopbackPublisher, type LoopbackBus } from "./loopback-publisher.ts";
import { heardBy } from "./roster.ts";

/** What the process of an agent is told in SOAK_AGENT, beside what every agent's process is told. */
export interface AgentTold {
  readonly service: string;
  readonly platform:
    | { readonly kind: "embedded"; readonly folder: string; readonly bus: LoopbackBus }
    | { readonly kind: "emulators"; readonly projectId: string; readonly pubsub: string; readonly firestore: string };
}

/** So many times as fast is work done as in the simulation. The emulator pushes two at once: there are fewer acts, which take longer, so that a freeze meets one. */
const FASTER = { embedded: 50, emulators: 20 };

/**
 * An agent as a process of its own: the house's on SQLite and our broker, where the house has no such process, and the witnesses
 * on both platforms. All else is as in the house: its listener, its authentication, its receiver, its end.
 */
async function start(): Promise<Running> {
  const { service, platform } = told("SOAK_AGENT") as AgentTold;
  const { host, port, push } = agentConfig(process.env);
  const logger = createLogger({ service });
  const opened = open(service, platform);
  const workInWorld: WorkInWorld = async (stay, ms) => {
    const begun: Stay = { ...stay, from: Date.now() };
    logger.info({ begun }, "acts");
    await delay(ms / FASTER[platform.kind]);
    logger.info({ act: { ...begun, until: Date.now() } satisfies Act }, "acted");
  };
  const deadlines = new Map(
    heardBy({ [service]: 1 }).map(({ name, ackDeadlineSeconds }) => [name, ackDeadlineSeconds]),
  );
  const app = createAgent({
    service,
    logger,
    authenticate: pushAuthenticator(push),
    receiver: createReceiver({
      service,
      handlers: handlersOf(service, workInWorld),
      store: opened.store,
      publisher: opened.publisher,
      ackDeadlineSeconds: (subscription) => deadlines.get(subscription) ?? 10,
    }),
  });
  logger.info({ address: await listen(app, { host, port }) }, "listening");
  flushCompileCache(); // a kill would leave nothing for the next start
  return {
    logger,
    close: async () => {
      await app.close();
      await opened.close();
    },
  };
}

function handlersOf(service: string, workInWorld: WorkInWorld): readonly Handler[] {
  const handlers: Readonly<Record<string, () => readonly Handler[]>> = {
    "git-agent": () => Object.values(git(gitAgentConfig(process.env))),
    "context-agent": () => Object.values(context),
    "strategy-agent": () => Object.values(strategy),
    "spec-agent": () => Object.values(spec),
    "coach-agent": () => Object.values(coach),
    tally: () => WITNESSES.tally(1),
    keeper: () => WITNESSES.keeper(),
    worker: () => WITNESSES.worker(1, workInWorld),
  };
  const own = handlers[service];
  if (own === undefined) throw new TypeError(`there is no agent ${service}`);
  return own();
}

interface Opened {
  readonly store: Store;
  readonly publisher: Publisher;
  close(): Promise<void>;
}

function open(service: string, platform: AgentTold["platform"]): Opened {
  switch (platform.kind) {
    case "embedded": {
      const store = SqliteStore.open({ file: join(platform.folder, `${service}.sqlite`) });
      return { store, publisher: new LoopbackPublisher(platform.bus), close: () => store.close() };
    }
    case "emulators": {
      const { projectId, pubsub, firestore } = platform;
      const publisher = new PubsubPublisher({ projectId, emulatorHost: pubsub });
      const connection = new FirestoreConnection({ projectId, emulatorHost: firestore });
      return {
        store: new FirestoreStore(connection, { service }),
        publisher,
        close: async () => void (await Promise.all([publisher.close(), connection.close()])),
      };
    }
  }
}

if (import.meta.main) await runProcess(start);
