import { describeOn, firestoreEmulator, pubsubEmulator } from "@contextpilot/testing";
import { crashTests } from "./crash-tests.ts";
import { EmulatedBus } from "./emulated-bus.ts";
import type { EmulatorsPlace } from "./emulators-pair.ts";
import { leftInEmulators } from "./left-in-emulators.ts";
import { POINTS_OF } from "./points.ts";
import { whatIsLeft } from "./what-is-left.ts";

/** Most of a house's time here is the emulator's, which pushes again a second later what was not acked. */
const LANES = 6;
let projects = 0;

describeOn(pubsubEmulator, "with Google's emulator of Pub/Sub", (pubsub) => {
  describeOn(firestoreEmulator, "and that of Firestore", (firestore) => {
    crashTests(POINTS_OF.emulators, LANES, async () => {
      const projectId = `crash-${(projects += 1)}`;
      const bus = new EmulatedBus(projectId, pubsub().host);
      await bus.open();
      const place: EmulatorsPlace = {
        projectId,
        pubsub: pubsub().host,
        firestore: firestore().host,
        bus: bus.address,
      };
      return {
        arguments: [JSON.stringify(place)],
        left: async () => whatIsLeft(await leftInEmulators(place, bus)),
        close: () => bus.close(),
      };
    });
  });
});
