import { describeOn, firestoreEmulator, pubsubEmulator } from "@contextpilot/testing";
import { emulatorsPlatform } from "./emulators-platform.ts";
import { removeSubscriptions } from "./emulated-topology.ts";
import { platformSuite } from "./platform-suite.ts";

let projects = 0;

describeOn(pubsubEmulator, "with pushes from Google's emulator", (bus) => {
  describeOn(firestoreEmulator, "and documents in Google's emulator", (store) => {
    platformSuite("Pub/Sub and Firestore", () => {
      const projectId = `e2e-${(projects += 1)}`;
      const { host } = bus();
      return Promise.resolve({
        open: emulatorsPlatform({ projectId, pubsub: host, firestore: store().host }),
        close: () => removeSubscriptions(host, projectId),
      });
    });
  });
});
