import {
  loggedPublisher,
  parseEnvironment,
  type Environment,
  type Logger,
  type ReadyCheck,
} from "@contextpilot/agent-host";
import { FirestoreConnection, FirestorePayloads, FirestoreStore } from "@contextpilot/firestore";
import type { Payloads, Publisher, Store } from "@contextpilot/messaging";
import { PubsubPublisher, PubsubSubscriber } from "@contextpilot/pubsub";
import type { Service } from "@contextpilot/topology";
import * as z from "zod";

const schema = z.object({
  GCP_PROJECT_ID: z.string({ error: "set it to the id of the Google Cloud project, of any name for the emulators" }),
  /** Default: the project's `(default)` database. */
  FIRESTORE_DATABASE: z.string().optional(),
  /** `host:port` of the emulators; without them Google's own, by the credentials that the process finds. */
  PUBSUB_EMULATOR_HOST: z.string().optional(),
  FIRESTORE_EMULATOR_HOST: z.string().optional(),
});

/** What a process can say things on. */
export interface Bus {
  readonly projectId: string;
  readonly publisher: Publisher;
  /** Whether it can be reached: loads the client, where that was not done before. */
  readonly ready: ReadyCheck;
  close(): Promise<void>;
}

/** What an agent stands on: Pub/Sub to say things, Firestore to remember them. */
export interface GoogleCloud extends Omit<Bus, "ready"> {
  readonly store: Store;
  readonly payloads: Payloads;
  /** For what a service keeps beside its store. */
  readonly firestore: FirestoreConnection;
  readonly ready: { readonly pubsub: ReadyCheck; readonly firestore: ReadyCheck };
}

/** Pub/Sub, of the project that the environment names. Loads and connects at the first use. Throws a StartError. */
export function openBus(env: Environment, logger: Logger): Bus {
  const { GCP_PROJECT_ID: projectId, PUBSUB_EMULATOR_HOST: emulatorHost } = parseEnvironment(schema, env);
  const publisher = new PubsubPublisher({ projectId, emulatorHost });
  return {
    projectId,
    publisher: loggedPublisher(publisher, { logger }),
    ready: () => publisher.ready(),
    close: () => publisher.close(),
  };
}

/** Takes what waits on Pub/Sub to be pulled, likewise; a stream that breaks is logged, and opened again. */
export function openSubscriber(env: Environment, logger: Logger): PubsubSubscriber {
  const { GCP_PROJECT_ID: projectId, PUBSUB_EMULATOR_HOST: emulatorHost } = parseEnvironment(schema, env);
  const onError = (err: unknown): void => logger.warn({ err }, "a subscription broke off, and is opened again");
  return new PubsubSubscriber({ projectId, emulatorHost, onError });
}

/** Pub/Sub and a service's part of Firestore, likewise. */
export function openGoogleCloud(service: Service, env: Environment, logger: Logger): GoogleCloud {
  const bus = openBus(env, logger);
  const read = parseEnvironment(schema, env);
  const connection = new FirestoreConnection({
    projectId: read.GCP_PROJECT_ID,
    database: read.FIRESTORE_DATABASE,
    emulatorHost: read.FIRESTORE_EMULATOR_HOST,
  });
  return {
    projectId: bus.projectId,
    publisher: bus.publisher,
    store: new FirestoreStore(connection, { service }),
    payloads: new FirestorePayloads(connection),
    firestore: connection,
    ready: { pubsub: bus.ready, firestore: () => connection.ready() },
    close: async () => {
      await Promise.all([bus.close(), connection.close()]);
    },
  };
}
