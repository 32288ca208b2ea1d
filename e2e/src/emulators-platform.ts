import { listen } from "@contextpilot/agent-host";
import { LocalIssuer, type PushTarget } from "@contextpilot/broker";
import type { OpenPlatform } from "@contextpilot/cli";
import { FirestoreConnection, FirestorePayloads, FirestoreStore } from "@contextpilot/firestore";
import type { Clock } from "@contextpilot/messaging";
import { PubsubPublisher } from "@contextpilot/pubsub";
import { createPushProxy } from "@contextpilot/push-proxy";
import { EmulatedTopology } from "./emulated-topology.ts";

export interface EmulatorsPlace {
  /** In both emulators: what one house leaves there, the next one finds. */
  readonly projectId: string;
  /** `host:port` of Google's emulators. */
  readonly pubsub: string;
  readonly firestore: string;
  /** Where agents find the issuer that is at the address. Default: there. */
  readonly issuer?: (address: string) => string;
  /** The issuer's. Default: the machine's. */
  readonly clock?: Clock;
}

/** Google's emulators of Pub/Sub and Firestore, with the push proxy between the first and the agents. */
export class EmulatorsPlatform {
  readonly #place: EmulatorsPlace;
  readonly #topology: EmulatedTopology;
  /** The emulator knows the proxy by its address, which stays the same from one house to the next. */
  #proxyPort = 0;

  constructor(place: EmulatorsPlace) {
    this.#place = place;
    this.#topology = new EmulatedTopology(place.projectId, place.pubsub);
  }

  readonly open: OpenPlatform = async ({ logger }, closing) => {
    const { projectId, pubsub, firestore, issuer: issuerOf = (address) => address, clock } = this.#place;
    const publisher = new PubsubPublisher({ projectId, emulatorHost: pubsub });
    closing.add(() => publisher.close());
    const connection = new FirestoreConnection({ projectId, emulatorHost: firestore });
    closing.add(() => connection.close());

    const targets = new Map<string, PushTarget>();
    const proxy = createPushProxy({
      targetOf: ({ name }) => targets.get(name),
      issuer: () => issuer,
      logger: logger("push-proxy"),
    });
    closing.add(() => proxy.close());
    const address = await listen(proxy, { host: "127.0.0.1", port: this.#proxyPort });
    const issuer = new LocalIssuer({ issuer: issuerOf(address), ...(clock && { clock }) });
    this.#proxyPort = Number(new URL(address).port);
    await this.makeTopology();

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

  /** Gives the emulator what it has not of the house's topology. */
  makeTopology(): Promise<void> {
    return this.#topology.make(`http://127.0.0.1:${this.#proxyPort}/push/{subscription}`);
  }

  close(): Promise<void> {
    return this.#topology.remove();
  }
}
