import { describeOn, firestoreEmulator, pubsubEmulator } from "@contextpilot/testing";
import { EmulatorsPlatform } from "./emulators-platform.ts";
import { platformSuite } from "./platform-suite.ts";
import { placeInProcess } from "./platform-suite/place-in-process.ts";

let projects = 0;

describeOn(pubsubEmulator, "with Google's emulator of Pub/Sub", (bus) => {
  describeOn(firestoreEmulator, "and that of Firestore", (store) => {
    platformSuite("Pub/Sub and Firestore", () => {
      const projectId = `e2e-${(projects += 1)}`;
      const platform = new EmulatorsPlatform({ projectId, pubsub: bus().host, firestore: store().host });
      return placeInProcess(platform.open, () => platform.close());
    });
  });
});
