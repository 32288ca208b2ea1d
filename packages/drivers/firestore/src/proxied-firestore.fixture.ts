import { randomUUID } from "node:crypto";
import { gitPush } from "@contextpilot/events";
import { collection, createReceiver, handler, type Delivery, type Receiver } from "@contextpilot/messaging";
import { GrpcProxy, goodCommit, RecordingPublisher } from "@contextpilot/testing";
import * as z from "zod";
import { FirestoreConnection, type FirestoreOptions } from "./firestore-connection.ts";
import { FirestoreStore } from "./firestore-store.ts";

/** A Firestore that nobody else uses, reached directly and through a proxy by an agent that counts commits in its state. */
export interface ProxiedFirestore extends AsyncDisposable {
  readonly proxy: GrpcProxy;
  /** Past the proxy: what is there in truth. */
  readonly direct: FirestoreStore;
  /** What the agents say. */
  readonly publisher: RecordingPublisher;
  /** A store through the proxy, with a connection of its own. */
  store(options?: Pick<FirestoreOptions, "answerWithinMs">): FirestoreStore;
  /** An instance of the agent, on such a store. */
  agent(): Receiver;
  /** Commits that took effect, by the agent's state. */
  count(): Promise<number>;
  close(): Promise<void>;
}

const SERVICE = "context-agent";
const totals = collection("totals", z.object({ commits: z.number().default(0) }));

/** Adds one to a repository's total, and says a git.push.v1. */
const countCommit = handler("git.commit.v1", {
  state: () => ({ total: totals.of("all") }),
  decide: ({ data }, { total }) => ({
    events: [
      gitPush({
        repository: "shop",
        ref: `refs/heads/${data.branch}`,
        before: "0".repeat(40),
        after: "1".repeat(40),
        forced: false,
      }),
    ],
    state: { total: { commits: total.commits + 1 } },
  }),
});

/** @param emulator its `host:port` */
export async function openProxiedFirestore(emulator: string): Promise<ProxiedFirestore> {
  const projectId = `test-${randomUUID()}`;
  const proxy = await GrpcProxy.open(emulator);
  const publisher = new RecordingPublisher();
  const connections: FirestoreConnection[] = [];
  const connect = (host: string, options: Partial<FirestoreOptions> = {}): FirestoreStore => {
    const connection = new FirestoreConnection({ projectId, emulatorHost: host, ...options });
    connections.push(connection);
    return new FirestoreStore(connection, { service: SERVICE });
  };
  const direct = connect(emulator);
  const store = (options?: Partial<FirestoreOptions>) => connect(proxy.host, options);
  const close = async () => {
    await Promise.all(connections.map((one) => one.close()));
    await proxy.close();
  };
  return {
    proxy,
    direct,
    publisher,
    store,
    agent: () => createReceiver({ service: SERVICE, handlers: [countCommit], store: store(), publisher }),
    count: async () => {
      const [total] = await direct.read([`default/${SERVICE}/totals/all`]);
      return totals.of("all").parse(total?.value).commits;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A new commit, delivered for the first time. */
export function newCommit(): Delivery {
  return {
    ...goodCommit(),
    messageId: randomUUID(),
    publishTime: "2026-11-21T08:30:00Z",
    subscription: "context-from-git",
    deliveryAttempt: 1,
  };
}

export const again = (delivery: Delivery): Delivery => ({
  ...delivery,
  deliveryAttempt: (delivery.deliveryAttempt ?? 1) + 1,
});
