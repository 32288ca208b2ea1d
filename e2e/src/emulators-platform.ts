import { listen } from "@contextpilot/agent-host";
import { LocalIssuer, type PushTarget } from "@contextpilot/broker";
import type { OpenPlatform } from "@contextpilot/cli";
import { FirestoreConnection, FirestorePayloads, FirestoreStore } from "@contextpilot/firestore";
import { PubsubPublisher } from "@contextpilot/pubsub";
import { createPushProxy } from "@contextpilot/push-proxy";
import { makeTopology } from "./emulated-topology.ts";

export interface EmulatorsPlace {
  /** In both emulators: what one house leaves there, the next one finds. */
  readonly projectId: string;
  /** `host:port` of Google's emulators. */
  readonly pubsub: string;
  readonly firestore: string;
}

/** Google's emulators of Pub/Sub and Firestore, with the push proxy between the first and the agents. */
export function emulatorsPlatform({ projectId, pubsub, firestore }: EmulatorsPlace): OpenPlatform {
  // The emulator knows the proxy by its address, which stays the same from one house to the next.
  let port = 0;
  return async ({ logger, retryScale }, closing) => {
    const publisher = new PubsubPublisher({ projectId, emulatorHost: pubsub });
    closing.add(() => publisher.close());
    const connection = new FirestoreConnection({ projectId, emulator: firestore });
    closing.add(() => connection.close());

    const targets = new Map<string, PushTarget>();
    const proxy = createPushProxy({
      targetOf: ({ name }) => targets.get(name),
      issuer: () => issuer,
      logger: logger("push-proxy"),
    });
    closing.add(() => proxy.close());
    const address = await listen(proxy, { host: "127.0.0.1", port });
    const issuer = new LocalIssuer({ issuer: address });
    if (port === 0) await makeTopology({ emulator: pubsub, projectId, retryScale, pushTo: `${address}/push` });
    port = Number(new URL(address).port);

    return {
      publisher,
      payloads: new FirestorePayloads(connection),
      issuer,
      storeOf: (service) => new FirestoreStore(connection, { service }),
      push: (subscription, target) => {
        targets.set(subscription, target);
        return Promise.resolve();
      },
      stop: () => proxy.close(),
    };
  };
}
