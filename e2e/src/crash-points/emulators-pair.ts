import { FirestoreConnection, FirestorePayloads, FirestoreStore } from "@contextpilot/firestore";
import type { Clock } from "@contextpilot/messaging";
import { PubsubPublisher } from "@contextpilot/pubsub";
import * as z from "zod";
import type { CrashPair } from "./crash-pair.ts";

const placeSchema = z.object({
  projectId: z.string(),
  /** `host:port` of Google's emulators. */
  pubsub: z.string(),
  firestore: z.string(),
  /** Of the {@link EmulatedBus}, which pushes for the first. */
  bus: z.url(),
});
/** Where a house finds Google's emulators; as JSON on its command line. */
export type EmulatorsPlace = z.infer<typeof placeSchema>;

/** Pub/Sub and Firestore on Google's emulators, which live elsewhere and go on, as the push proxy does. */
export function openEmulatorsPair(json: string, clock: Clock): CrashPair {
  const { projectId, pubsub, firestore, bus } = placeSchema.parse(JSON.parse(json));
  const publisher = new PubsubPublisher({ projectId, emulatorHost: pubsub });
  const connection = new FirestoreConnection({ projectId, emulatorHost: firestore });
  const ask = async (path: string, request?: RequestInit): Promise<void> => {
    const answer = await fetch(`${bus}${path}`, request);
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
  };
  return {
    publisher,
    payloads: new FirestorePayloads(connection, { clock }),
    issuer: bus,
    storeOf: (service) => new FirestoreStore(connection, { service }),
    push: (subscription, target) =>
      ask(`/targets/${subscription}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(target),
      }),
    whenIdle: () => ask("/idle"),
    close: async () => {
      await publisher.close();
      await connection.close();
    },
  };
}
